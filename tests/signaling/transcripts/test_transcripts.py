"""Transcripts of rooms, from their start to their end and after."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from pipeline.bus.memory import MemoryBus
from signaling.captions.caption import Text
from signaling.captions.feed import CaptionFeed
from signaling.hosting.lifecycle import Lifecycle, LifecycleEvent
from signaling.hosting.room_states import RoomStates
from signaling.hosting.settings import HostingSettings
from signaling.transcripts import transcripts as transcripts_module
from signaling.transcripts.errors import NoTranscriptError
from signaling.transcripts.settings import TranscriptSettings
from signaling.transcripts.transcripts import Transcripts
from tests.fakes.rooms import FakeRooms
from tests.fakes.said import transcript, translation
from tests.support.until import until


class Node:
    """Transcripts with what is around them: rooms whose people come and go by `lifecycle`."""

    def __init__(self, bus: MemoryBus, settings: TranscriptSettings, *, keeps: bool) -> None:
        self.rooms = FakeRooms()
        self.feed = CaptionFeed(bus, self.rooms, history=50, expiry_ms=60_000)
        self.states = RoomStates(HostingSettings(keep_transcripts=keeps))
        self.lifecycle = Lifecycle()
        self.transcripts = Transcripts(settings, feed=self.feed, states=self.states, lifecycle=self.lifecycle)
        self.events: list[LifecycleEvent] = []
        self.lifecycle.watch(self.events.append)

    def start(self, room_id: str = "demo") -> None:
        self.lifecycle.joined(room_id, "anna")

    def end(self, room_id: str = "demo") -> None:
        self.lifecycle.left(room_id, "anna")

    def say(self, *texts: Text) -> None:
        for text in texts:
            self.feed.take(text)

    @property
    def ready(self) -> list[str]:
        return [event.room_id for event in self.events if event.kind == "transcript_ready"]

    async def read(self, language: str | None = None, room_id: str = "demo") -> list[str]:
        """Give the texts as JSON has them."""
        document = json.loads(await self.transcripts.render(room_id, language, "json"))
        return [clause["text"] for session in document["sessions"] for clause in session["clauses"]]


def everything_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


Nodes = Callable[..., AbstractAsyncContextManager[Node]]


@pytest.fixture
def node(tmp_path: Path) -> Nodes:
    """Give a function that runs one, writing to the test's folder if nothing else is said."""

    @asynccontextmanager
    async def running(*, keeps: bool = True, **settings: object) -> AsyncIterator[Node]:
        chosen = TranscriptSettings(**{"folder": str(tmp_path), **settings})  # type: ignore[arg-type]
        async with MemoryBus() as bus:
            one = Node(bus, chosen, keeps=keeps)
            async with one.transcripts.open():
                yield one

    return running


async def test_a_room_that_keeps_it_has_a_transcript(node: Nodes) -> None:
    """Of what was said and its translations, in each language; and it is told that it is ready."""
    async with node() as here:
        here.start()
        assert here.rooms.readers == {"demo": frozenset()}, "a transcript is a reason to recognise"
        here.say(transcript("good morning"), translation("buenos días", "good morning"), transcript("yes", clause=1))
        assert await here.transcripts.rooms() == ["demo"]
        assert await here.transcripts.languages("demo") == {"en", "es"}
        assert await here.read() == ["good morning", "yes"]
        assert here.ready == []
        here.end()
        assert here.rooms.readers == {}
        assert here.ready == ["demo"]
        assert await here.read("es") == ["buenos días", "yes"]


async def test_a_room_that_does_not_keep_it_has_none(node: Nodes) -> None:
    """Nothing is written, and nothing is recognised for it."""
    async with node(keeps=False) as here:
        here.start()
        assert here.rooms.readers == {}
        here.feed.keep("other", kept=True, followed=True)
        here.say(transcript("secret"), transcript("secret", room_id="other"))
        here.end()
        assert here.ready == []
        assert await here.transcripts.rooms() == []
        with pytest.raises(NoTranscriptError):
            await here.transcripts.languages("demo")


async def test_keeping_is_turned_on_and_off_in_mid_call(node: Nodes) -> None:
    """What was said before and after is not in it."""
    async with node(keeps=False) as here:
        here.start()
        here.say(transcript("before"))
        await asyncio.sleep(0.01)
        here.states.change("demo", keep_transcript=True)
        await asyncio.sleep(0.01)
        here.say(transcript("kept", clause=1), translation("antes", "before", ended_at_ms=int(time.time() * 1000) - 20))
        here.states.change("demo", keep_transcript=False)
        assert here.ready == ["demo"]
        now_ms = int(time.time() * 1000) + 10_000
        here.say(transcript("after", clause=2, ended_at_ms=now_ms))
        assert await here.read() == ["kept"]


async def test_a_room_in_which_nothing_was_said_has_none(node: Nodes, tmp_path: Path) -> None:
    """Not even a file."""
    async with node() as here:
        here.start()
        here.end()
        assert here.ready == []
    assert everything_in(tmp_path) == []


async def test_what_comes_late_is_added(node: Nodes) -> None:
    """A replayed clause takes its place by its time; tombstones are nothing."""
    async with node() as here:
        here.start()
        now_ms = int(time.time() * 1000)
        here.say(transcript("", skipped=True, ended_at_ms=now_ms - 2))
        here.say(transcript("two", clause=1, ended_at_ms=now_ms - 1))
        here.end()
        here.say(transcript("one", purpose="replay", ended_at_ms=now_ms - 2))
        assert await here.read() == ["one", "two"]
    async with node() as again:
        assert await again.read() == ["one", "two"], "on disk too"


async def test_sessions_of_a_room_follow_each_other(node: Nodes) -> None:
    """Each text is in the session in which it was said."""
    async with node() as here:
        here.start()
        first_ms = int(time.time() * 1000)
        here.say(transcript("one", ended_at_ms=first_ms))
        await asyncio.sleep(0.01)
        here.end()
        await asyncio.sleep(0.01)
        here.transcripts._now_ms = lambda: first_ms + 60_000
        here.start()
        here.say(transcript("three", utterance="u2", ended_at_ms=first_ms + 60_500))
        here.say(transcript("two", clause=1, purpose="replay", ended_at_ms=first_ms + 5))
        document = json.loads(await here.transcripts.render("demo", None, "json"))
        sessions = [[clause["text"] for clause in each["clauses"]] for each in document["sessions"]]
        assert sessions == [["one", "two"], ["three"]]
        here.end()


async def test_transcripts_survive_the_process(node: Nodes) -> None:
    """What one has written the next one gives out."""
    async with node() as here:
        here.start()
        here.say(transcript("one"), translation("uno", "one"))
    async with node() as again:
        assert await again.transcripts.rooms() == ["demo"]
        assert await again.transcripts.languages("demo") == {"en", "es"}
        assert await again.read("es") == ["uno"]
        again.start()
        again.say(transcript("two", utterance="u2"))
        assert await again.read() == ["one", "two"]


async def test_without_a_folder_a_transcript_is_there_for_a_while(node: Nodes, tmp_path: Path) -> None:
    """In memory, until it has lingered."""
    async with node(folder="", linger_s=0.05) as here:
        here.start()
        here.say(transcript("one"))
        here.end()
        assert await here.read() == ["one"]
        await until(lambda: not here.transcripts._open)
        with pytest.raises(NoTranscriptError):
            await here.read()
        assert here.feed.recent("demo") == []
    assert everything_in(tmp_path) == []


async def test_deleting_leaves_nothing(node: Nodes, tmp_path: Path) -> None:
    """Neither of what is going on nor of what was; what is said from then on is kept."""
    async with node() as before:
        before.start()
        before.say(transcript("old"))
    async with node() as here:
        here.start()
        here.say(transcript("one"))
        await here.transcripts.delete("demo")
        assert everything_in(tmp_path) == []
        with pytest.raises(NoTranscriptError):
            await here.read()
        with pytest.raises(NoTranscriptError):
            await here.transcripts.delete("demo")
        here.say(transcript("two", clause=1, ended_at_ms=int(time.time() * 1000) + 1_000))
        assert await here.read() == ["two"]
        with pytest.raises(NoTranscriptError):
            await here.transcripts.delete("../demo")
    async with node() as after:
        assert await after.read() == ["two"]


async def test_what_is_said_while_it_is_deleted_stays(node: Nodes) -> None:
    """On disk as well."""
    async with node() as here:
        here.start()
        here.say(transcript("one"))
        deleting = asyncio.create_task(here.transcripts.delete("demo"))
        await asyncio.sleep(0)
        here.say(transcript("two", clause=1, ended_at_ms=int(time.time() * 1000) + 1_000))
        await deleting
        assert await here.read() == ["two"]
    async with node() as after:
        assert await after.read() == ["two"]


async def test_what_is_old_is_deleted(node: Nodes, tmp_path: Path) -> None:
    """By the days set, and only what is old."""
    async with node() as before:
        for room_id in ("old", "new"):
            before.start(room_id)
            before.say(transcript("words", room_id=room_id))
    month_ago = time.time() - 31 * 86_400
    (old,) = everything_in(tmp_path / "old")
    os.utime(old, (month_ago, month_ago))
    async with node(retention_days=0) as here:
        await asyncio.sleep(0.02)
        assert await here.transcripts.rooms() == ["new", "old"]
    async with node(retention_days=30) as here:
        async with asyncio.timeout(5):
            while await here.transcripts.rooms() != ["new"]:  # noqa: ASYNC110 - it is deleted by a task in a thread
                await asyncio.sleep(0.01)


async def test_a_language_that_nobody_spoke_is_not_there(node: Nodes) -> None:
    """It is said so, instead of giving everything as it was spoken."""
    async with node() as here:
        here.start()
        here.say(transcript("one"))
        with pytest.raises(NoTranscriptError, match="in fr"):
            await here.transcripts.render("demo", "fr", "srt")
        assert await here.transcripts.render("demo", "en-GB", "srt")


async def test_a_room_that_is_long_is_cut_off(node: Nodes) -> None:
    """What is there stays."""
    async with node(most_texts=2) as here:
        here.start()
        here.say(*(transcript(str(number), clause=number) for number in range(5)))
        assert await here.read() == ["0", "1"]


async def test_a_disk_that_fails_costs_no_captions(node: Nodes, tmp_path: Path) -> None:
    """What was said is there from memory."""
    (tmp_path / "demo").write_text("a file where a folder should be")
    async with node() as here:
        here.start()
        here.say(transcript("one"))
        assert await here.read() == ["one"]


async def test_retention_outlives_a_fault(node: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look may find a disk that is back."""
    monkeypatch.setattr(transcripts_module, "_LOOK_S", 0.01)
    looks = []

    def broken(*_: object) -> None:
        looks.append(1)
        raise OSError(5, "input/output error")

    monkeypatch.setattr(Transcripts, "_delete_older", broken)
    async with node():
        await until(lambda: len(looks) > 2)
