"""From the bus to the readers of a room."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from pipeline.bus.bus import Record, Subscription, Wants
from pipeline.bus.memory import MemoryBus
from pipeline.messages import WorkerStatus
from signaling.captions import feed as feed_module
from signaling.captions.caption import Caption, Reader
from signaling.captions.feed import CaptionFeed
from tests.fakes.rooms import FakeRooms
from tests.fakes.said import transcript, translation
from tests.support.until import until

SPANISH = Reader("bea", "es")
ENGLISH = Reader("carl", "en")
EVERYBODY = Reader(None, None)


@pytest.fixture
async def feed() -> AsyncIterator[CaptionFeed]:
    async with MemoryBus() as bus:
        yield CaptionFeed(bus, FakeRooms(), history=50, expiry_ms=60_000)


def test_each_reader_gets_their_language(feed: CaptionFeed) -> None:
    """One text, as many captions as readers it is for."""
    bea: list[Caption] = []
    carl: list[Caption] = []
    with feed.reading("demo", lambda: SPANISH, bea.append), feed.reading("demo", lambda: ENGLISH, carl.append):
        feed.take(transcript("good morning"))
        feed.take(translation("buenos días", "good morning"))
    assert [caption.text for caption in bea] == ["buenos días"]
    assert [caption.text for caption in carl] == ["good morning"]


def test_rooms_are_apart(feed: CaptionFeed) -> None:
    """Nothing of one room reaches another, and who has gone reads no more."""
    seen: list[Caption] = []
    with feed.reading("demo", lambda: ENGLISH, seen.append):
        feed.take(transcript("secret", room_id="other"))
    feed.take(transcript("too late"))
    assert seen == []


def test_a_room_is_remembered_while_somebody_reads(feed: CaptionFeed) -> None:
    """Late readers catch up; when all have gone, so is the memory."""
    late: list[Caption] = []
    with feed.reading("demo", lambda: ENGLISH, lambda _: None):
        feed.take(transcript("good morning"))
        with feed.reading("demo", lambda: ENGLISH, late.append):
            assert [caption.text for caption in late] == ["good morning"]
    late.clear()
    with feed.reading("demo", lambda: ENGLISH, late.append):
        assert late == []


async def test_what_is_replayed_has_a_bound() -> None:
    """A reader of all languages gets as many captions as clauses are remembered, the last ones, oldest first."""
    async with MemoryBus() as bus:
        feed = CaptionFeed(bus, FakeRooms(), history=4, expiry_ms=60_000)
        assert feed.replay("demo", EVERYBODY) == []
        with feed.reading("demo", lambda: EVERYBODY, lambda _: None):
            for number in range(4):
                feed.take(transcript(f"en {number}", clause=number))
                feed.take(translation(f"es {number}", f"en {number}", clause=number))
            replayed = [caption.text for caption in feed.replay("demo", EVERYBODY)]
    assert replayed == ["en 2", "es 2", "en 3", "es 3"]


def test_old_captions_are_not_shown(feed: CaptionFeed) -> None:
    """What was said more than a minute ago is nobody's news."""
    seen: list[Caption] = []
    with feed.reading("demo", lambda: ENGLISH, seen.append):
        feed.take(transcript("old", ended_at_ms=int(time.time() * 1000) - 61_000))
        feed.take(transcript("new", clause=1))
    assert [caption.text for caption in seen] == ["new"]


def test_a_replay_takes_the_place_of_its_tombstone_however_old_it_is(feed: CaptionFeed) -> None:
    """For those who are there, and for those who come later; a second time it is nobody's news."""
    hour_ago = int(time.time() * 1000) - 3_600_000
    live: list[Caption] = []
    late: list[Caption] = []
    with feed.reading("demo", lambda: SPANISH, live.append):
        feed.take(translation("", "good morning", skipped=True, reason="EngineError"))
        for _ in range(2):
            feed.take(translation("buenos días", "good morning", purpose="replay", ended_at_ms=hour_ago))
        with feed.reading("demo", lambda: SPANISH, late.append):
            pass
    assert [caption.text for caption in live] == ["good morning", "buenos días"]
    assert [caption.text for caption in late] == ["buenos días"]


def test_what_is_history_is_for_late_joiners_only(feed: CaptionFeed) -> None:
    """Nobody who is there is shown it."""
    live: list[Caption] = []
    late: list[Caption] = []
    with feed.reading("demo", lambda: ENGLISH, live.append):
        feed.take(transcript("good morning", purpose="history"))
        with feed.reading("demo", lambda: ENGLISH, late.append):
            pass
    assert live == []
    assert [caption.text for caption in late] == ["good morning"]


def test_other_messages_are_nothing_to_it(feed: CaptionFeed) -> None:
    """Only texts become captions."""
    shown: list[Caption] = []
    with feed.reading("demo", lambda: ENGLISH, shown.append):
        feed.take(WorkerStatus(worker_id="w", stage="recognition", engine="e", healthy=True, at_ms=0))
        assert shown == []
        feed.take(transcript("good morning"))
        assert len(shown) == 1


class BrokenBus(MemoryBus):
    """Its first subscription breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions = 0
        self.wants: Wants | None = None

    def subscribe(  # type: ignore[override]
        self, *topics: str, group: str = "", wants: Wants | None = None
    ) -> contextlib.AbstractAsyncContextManager[Subscription]:
        self.subscriptions += 1
        self.wants = wants
        if self.subscriptions == 1:
            return _broken()
        return super().subscribe(*topics, group=group, wants=wants)


class _Breaking:
    dropped = 0

    def __aiter__(self) -> AsyncIterator[Record]:
        raise ConnectionError("the broker went away")


@contextlib.asynccontextmanager
async def _broken() -> AsyncIterator[Subscription]:
    yield _Breaking()


async def test_a_broken_subscription_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Captions come back by themselves, and meanwhile the feed says that it does not run."""
    monkeypatch.setattr(feed_module, "_RETRY_S", 0.01)
    seen: asyncio.Queue[Caption] = asyncio.Queue()
    async with BrokenBus() as bus:
        feed = CaptionFeed(bus, FakeRooms(), history=50, expiry_ms=60_000)
        async with feed.open():
            with feed.reading("demo", lambda: ENGLISH, seen.put_nowait):
                await until(lambda: feed.running and bus.subscriptions == 2)
                await bus.publish(transcript("good morning"))
                assert (await asyncio.wait_for(seen.get(), 5)).text == "good morning"
        assert not feed.running


async def test_only_records_of_rooms_that_are_read_are_wanted() -> None:
    """Those of other rooms are not even decoded."""
    async with BrokenBus() as bus:
        bus.subscriptions = 1  # it does not break this time
        feed = CaptionFeed(bus, FakeRooms(), history=50, expiry_ms=60_000)
        async with feed.open():
            await until(lambda: feed.running)
            assert bus.wants is not None
            assert not bus.wants("demo/ada")
            with feed.reading("demo", lambda: ENGLISH, lambda _: None):
                assert bus.wants("demo/ada/es")
                assert not bus.wants("demolition/ada")


async def test_a_closed_bus_ends_the_feed() -> None:
    """Then there is nothing more to read, and nothing is tried again."""
    async with MemoryBus() as bus:
        feed = CaptionFeed(bus, FakeRooms(), history=50, expiry_ms=60_000)
        async with feed.open():
            await until(lambda: feed.running)
            await bus.close()
            await until(lambda: not feed.running)
