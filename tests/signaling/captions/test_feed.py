"""From the bus to the readers of a room."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from pipeline.bus.bus import Record, Subscription, Wants
from pipeline.bus.memory import MemoryBus
from pipeline.messages import Transcript, WorkerStatus
from signaling.captions import feed as feed_module
from signaling.captions.caption import Caption, Reader, Text
from signaling.captions.feed import CaptionFeed
from signaling.captions.settings import CaptionSettings
from tests.fakes.reading import Reading, published, running_feed
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
    long_ago = int(time.time() * 1000) - 240_000
    live: list[Caption] = []
    late: list[Caption] = []
    with feed.reading("demo", lambda: SPANISH, live.append):
        feed.take(translation("", "good morning", skipped=True, reason="EngineError"))
        for _ in range(2):
            feed.take(translation("buenos días", "good morning", purpose="replay", ended_at_ms=long_ago))
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


# Who comes late.


async def test_another_language_brings_what_was_said_in_it() -> None:
    """Whoever changes their language in mid-call is shown the last captions again."""
    async with running_feed() as (feed, _):
        with Reading(feed, SPANISH) as reader:
            feed.take(transcript("one"))
            feed.take(translation("uno", "one"))
            feed.refresh("demo")
            assert reader.texts == ["uno"]
            reader.reader = Reader("bea", "en")
            feed.refresh("demo")
            assert reader.texts == ["uno", "one"]
            reader.reader = Reader("bea", "fr")
            feed.refresh("demo")
            feed.take(translation("un", "one", language="fr", purpose="history"))
            assert reader.texts == ["uno", "one", "un"]


@pytest.mark.parametrize(("setting", "room", "shown"), [(0.0, None, 0), (5.0, 0.0, 0), (0.0, 5.0, 1), (5.0, None, 1)])
async def test_captions_for_late_readers_can_be_off(setting: float, room: float | None, shown: int) -> None:
    """The room's own wish goes before the setting; who was there and is back is shown them anyway."""
    async with running_feed(CaptionSettings(minutes=setting), room) as (feed, bus):
        with Reading(feed, ENGLISH) as early:
            feed.take(transcript("one", targets=()))
            with (
                Reading(feed, ENGLISH) as late,
                Reading(feed, SPANISH),
                Reading(feed, ENGLISH, after=early.shown[0].cursor) as back,
            ):
                assert len(late.texts) == shown
                assert back.texts == []
                feed.take(transcript("two", clause=1, targets=()))
            with Reading(feed, ENGLISH, after=early.shown[0].cursor) as again:
                assert again.texts == ["two"]
            assert [caption.text for caption in feed.replay("demo", ENGLISH, is_back=True)] == ["one", "two"]
        asked = [each for each in await published(bus, Transcript) if isinstance(each, Transcript)]
        assert len([each for each in asked if each.purpose == "history"]) <= shown


async def test_captions_of_long_ago_are_not_shown_to_late_readers() -> None:
    """Only those of the last minutes."""
    async with running_feed(CaptionSettings(minutes=2)) as (feed, _):
        now_ms = int(time.time() * 1000)
        with Reading(feed, ENGLISH):
            feed.take(transcript("old", purpose="replay", ended_at_ms=now_ms - 130_000))
            feed.take(transcript("new", clause=1, ended_at_ms=now_ms - 1_000))
            with Reading(feed, ENGLISH) as late:
                assert late.texts == ["new"]


# Whose words are wanted.


def readers_of(feed: CaptionFeed) -> dict[str, frozenset[str]]:
    rooms = feed._rooms
    assert isinstance(rooms, FakeRooms)
    return rooms.readers


def test_the_media_server_is_told_who_reads(feed: CaptionFeed) -> None:
    """Only while somebody does, and which languages beside those that are listened to."""
    assert readers_of(feed) == {}
    with Reading(feed, SPANISH):
        assert readers_of(feed) == {"demo": frozenset()}
        with Reading(feed, Reader(None, "fr")) as reader:
            assert readers_of(feed) == {"demo": frozenset({"fr"})}
            reader.reader = Reader(None, "de")
            feed.refresh("demo")
            assert readers_of(feed) == {"demo": frozenset({"de"})}
        assert readers_of(feed) == {"demo": frozenset()}
    assert readers_of(feed) == {}


def test_what_is_kept_is_recognised_and_given_to_its_keeper(feed: CaptionFeed) -> None:
    """Final texts, with their speaker's name; when it is kept no more, what comes late may still be followed."""
    kept: list[tuple[str, str | None]] = []
    feed.keeper = lambda text, name: kept.append((text.payload, name))
    feed.keep("demo", kept=True, followed=True)
    assert readers_of(feed) == {"demo": frozenset()}
    feed.take(transcript("go", final=False))
    feed.take(transcript("good"))
    feed.keep("demo", kept=False, followed=True)
    assert readers_of(feed) == {}
    feed.take(translation("bueno", "good"))
    feed.keep("demo", kept=False, followed=False)
    feed.take(transcript("late", clause=1))
    assert kept == [("good", None), ("bueno", None)]


# Rooms that end, and that move.


async def test_a_room_that_ended_is_forgotten() -> None:
    """Who comes to another one of its name reads nothing of it, though somebody read on."""
    async with running_feed() as (feed, _):
        with Reading(feed, ENGLISH) as stays:
            feed.take(transcript("secret", targets=()))
            feed.end("demo")
            with Reading(feed, ENGLISH) as newcomer:
                assert newcomer.texts == []
                feed.take(transcript("hello", clause=1))
                assert newcomer.texts == ["hello"]
            assert stays.texts == ["secret", "hello"]


def test_an_open_room_is_remembered_before_anybody_reads() -> None:
    """Who turns captions on reads what was said before."""
    rooms = FakeRooms()
    feed = CaptionFeed(MemoryBus(), rooms, history=50, expiry_ms=60_000)
    rooms.open("demo")
    feed.take(transcript("hello"))
    with Reading(feed, ENGLISH) as reader:
        assert reader.texts == ["hello"]
    rooms.forget("demo")
    rooms.open("other")
    feed.take(transcript("anything", room_id="other"))
    assert feed.recent("demo") == []


def test_captions_move_to_another_node(feed: CaptionFeed) -> None:
    """Nothing twice, and what is known better stays; who reads there already is shown it."""
    texts: list[Text] = [transcript("one"), translation("uno", "one"), transcript("two", clause=1)]
    feed.restore("demo", texts)
    assert feed.recent("demo") == texts
    feed.restore("demo", [*texts, translation("", "one", skipped=True)])
    assert feed.recent("demo") == texts
    with Reading(feed, SPANISH) as reader:
        assert reader.texts == ["uno"]
        feed.restore("demo", [*texts, translation("dos", "two", clause=1)])
        feed.take(translation("dos", "two", clause=1))
        assert reader.texts == ["uno", "dos"]


def test_a_room_learns_how_late_its_final_captions_are() -> None:
    """Of what is being said: interim text, what was said before, and what was not said at all are nothing to it."""
    rooms = FakeRooms()
    room = rooms.open("demo")
    feed = CaptionFeed(MemoryBus(), rooms, history=50, expiry_ms=60_000)
    ended_at_ms = int(time.time() * 1000) - 400
    feed.take(transcript("good", final=False, ended_at_ms=ended_at_ms))
    feed.take(transcript("good morning", ended_at_ms=ended_at_ms))
    feed.take(translation("buenos días", "good morning", ended_at_ms=ended_at_ms))
    feed.take(translation("adiós", "goodbye", utterance="u0", ended_at_ms=ended_at_ms, purpose="history"))
    feed.take(transcript("", utterance="u2", ended_at_ms=ended_at_ms))
    assert [(source, target) for source, target, _ in room.captioned_after] == [("en", "en"), ("en", "es")]
    assert all(400 <= took_ms < 5_000 for _, _, took_ms in room.captioned_after)
