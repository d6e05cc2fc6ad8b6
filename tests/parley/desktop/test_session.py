"""Captions for as long as they are wanted, from a server that follows a script."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from parley.client.backoff import BackoffSettings
from parley.client.events import Caption
from parley.desktop import session as session_module
from parley.desktop.capture import Capture, Ear
from parley.desktop.session import Part, Session, SessionOverError, Tells, Wishes, private_room
from tests.fakes.switchboard import TICKET, Script, Switchboard, caption, captions, joined, switchboard, tell
from tests.support.until import until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "PAUSES", BackoffSettings(first_s=0.01, most_s=0.02))


@dataclass
class Told(Tells):
    """Remembers all that a session tells."""

    captions: list[Caption] = field(default_factory=list)
    troubles: list[tuple[Part, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def caption(self, caption: Caption) -> None:
        self.captions.append(caption)

    def trouble(self, part: Part, words: str) -> None:
        self.troubles.append((part, words))

    def note(self, words: str) -> None:
        self.notes.append(words)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.captions]


class FakeCapture(Capture):
    """A microphone that is open from its beginning to its end, and gives the same 100 ms again and again."""

    open = 0

    async def __aenter__(self) -> "FakeCapture":
        FakeCapture.open += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        FakeCapture.open -= 1

    async def frame(self) -> bytes:
        await asyncio.sleep(0.01)
        return b"\1\0" * 1_600


@contextlib.asynccontextmanager
async def running(server: Switchboard, told: Told, **wishes: object) -> AsyncIterator[Session]:
    made = Session(
        Wishes(**{"url": server.url, "room": "hall", "token": TICKET, **wishes}),  # type: ignore[arg-type]
        told,
        capture=FakeCapture,
    )
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def over(server: Switchboard, told: Told, **wishes: object) -> str:
    """Run one to its end, and give its words."""
    made = Session(
        Wishes(**{"url": server.url, "room": "hall", "token": TICKET, **wishes}),  # type: ignore[arg-type]
        told,
        capture=FakeCapture,
    )
    with pytest.raises(SessionOverError) as ended:
        async with asyncio.timeout(10):
            await made.run()
    return str(ended.value)


async def test_a_rooms_captions_are_told() -> None:
    """Interim ones too, in the language that was asked for; that it works is told."""
    told = Told()
    async with (
        switchboard(captions(caption("ho", final=False), caption("hola"))) as server,
        running(server, told, reads="es"),
    ):
        await until(lambda: told.texts == ["ho", "hola"])
    assert server.queries == [{"token": "t", "language": "es"}]
    assert told.troubles == [("captions", "")]


async def test_as_it_is_said_nothing_is_translated() -> None:
    """Without a language."""
    told = Told()
    async with switchboard(captions(caption("hola"))) as server, running(server, told):
        await until(lambda: bool(told.captions))
    assert server.queries == [{"token": "t", "translate": "0"}]


async def test_a_broken_connection_is_made_anew_for_ever() -> None:
    """Each time it is told what is wrong, and that it is over."""
    told = Told()
    scripts = [captions(caption("one"), lost=True), captions(close=1001), captions(caption("two", clause=1))]
    async with switchboard(*scripts) as server:
        server.refusals = []
        async with running(server, told, reads="es"):
            await until(lambda: "two" in told.texts)
    words = [words for _, words in told.troubles]
    assert [bool(each) for each in words] == [False, True, False, True, False]
    assert "connection is lost" in words[1]


async def test_a_server_that_is_not_there_is_waited_for() -> None:
    """With its address in the words."""
    told = Told()
    async with switchboard(captions(caption("hola"))) as server:
        server.refusals = [503] * 3
        async with running(server, told, reads="es"):
            await until(lambda: bool(told.captions))
    assert [part for part, words in told.troubles if "too much to do" in words] == ["captions"] * 3


@pytest.mark.parametrize(("close", "words"), [(4001, "invitation"), (4410, "ended the room")])
async def test_what_will_not_change_ends_it(close: int, words: str) -> None:
    """With words for people."""
    async with switchboard(captions(close=close)) as server:
        assert words in await over(server, Told())


async def test_another_language_is_read_at_once() -> None:
    """By another connection; one that the server does not know leaves everything as it was."""
    told = Told()
    async with switchboard(captions(caption("hola"))) as server, running(server, told, reads="es") as session:
        await until(lambda: len(told.captions) == 1)
        session.read("fr")
        await until(lambda: len(told.captions) == 2)
        server.refusals = [400]
        session.read("klingon")
        await until(lambda: len(told.captions) == 3)
        session.read("spoken")
        await until(lambda: len(told.captions) == 4)
    assert [query.get("language") for query in server.queries] == ["es", "fr", "fr", None]
    assert told.notes == ["The server gives no captions in 'klingon'; they stay as they were."]


@dataclass
class Hall:
    """A room's two kinds of sockets: what comes in by sound, and whom captions are sent to."""

    sounds: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    readers: list[web.WebSocketResponse] = field(default_factory=list)
    speakers: list[web.WebSocketResponse] = field(default_factory=list)
    # What a speaker is told when they ask for something.
    answer: dict[str, object] | None = None

    async def read(self, socket: web.WebSocketResponse) -> None:
        self.readers.append(socket)
        await tell(socket, caption("before", utterance="old") | {"timestamp_ms": 50})
        async for _ in socket:
            pass

    async def hear(self, socket: web.WebSocketResponse) -> None:
        self.speakers.append(socket)
        await tell(socket, joined("p-2"))
        async for message in socket:
            if isinstance(message.data, bytes):
                self.sounds.append(message.data)
            elif "leave" not in message.data:
                self.asked.append(message.data)
                if self.answer is not None:
                    await tell(socket, self.answer)


def by_path(board: Callable[[], Switchboard], hall: Hall) -> Script:
    """Serve each socket by its kind."""

    async def script(socket: web.WebSocketResponse) -> None:
        await (hall.hear if "/ws/audio/" in board().paths[-1] else hall.read)(socket)

    return script


@contextlib.asynccontextmanager
async def heard(told: Told, hall: Hall) -> AsyncIterator[tuple[Session, Switchboard]]:
    """Let this computer be heard in a hall."""
    servers: list[Switchboard] = []
    async with switchboard(by_path(lambda: servers[0], hall)) as server:
        servers.append(server)
        async with running(server, told, ear=Ear("system"), speaks="en", reads="es") as session:
            await until(lambda: bool(hall.sounds))
            yield session, server


async def test_what_is_recorded_is_sent_and_its_captions_are_told() -> None:
    """Of ours, and not what was said before by somebody with the same invitation, or by others."""
    told, hall = Told(), Hall()
    async with heard(told, hall) as (_, server):
        old = caption("late", utterance="old", clause=1) | {"timestamp_ms": 49}
        other = caption("other") | {"speaker_id": "p-9", "timestamp_ms": 99}
        await tell(hall.readers[0], old, other, caption("mine", clause=2) | {"timestamp_ms": 99})
        await until(lambda: bool(told.captions))
    assert told.texts == ["mine"]
    assert set(hall.sounds) == {b"\1\0" * 1_600}
    query = next(query for path, query in zip(server.paths, server.queries, strict=True) if "audio" in path)
    assert (query["speaking_language"], query["receive"], query["captions"]) == ("en", "0", "0")


async def test_while_paused_no_microphone_is_open() -> None:
    """And it is opened again."""
    told, hall = Told(), Hall()
    async with heard(told, hall) as (session, _):
        assert FakeCapture.open == 1
        session.pause()
        assert session.is_paused
        await until(lambda: FakeCapture.open == 0)
        hall.sounds.clear()
        session.resume()
        await until(lambda: bool(hall.sounds))
    assert FakeCapture.open == 0


async def test_another_language_is_spoken() -> None:
    """The next connection begins with it; one that is refused is told, and forgotten."""
    told, hall = Told(), Hall()
    me = {"participant_id": "p-2", "name": "Desktop", "speaking_language": "de", "listening_language": "de"}
    hall.answer = {"type": "participant_updated", "participant": me}
    async with heard(told, hall) as (session, server):
        session.speak("de")
        await until(lambda: session._speaks == "de")
        failed = {"type": "error", "code": "unknown_language", "message": "no such tag"}
        hall.answer = {**failed, "in_reply_to": "set_languages"}
        session.speak("xx-")
        await until(lambda: bool(told.notes))
        assert session.wishes.speaks == "de"
        await hall.speakers[0].close(code=1001)
        await until(lambda: len(hall.speakers) == 2)
        assert server.queries[-1]["speaking_language"] == "de"
    assert '"speaking_language":"de"' in hall.asked[0]
    assert told.notes == ["The server does not take this language: no such tag"]


def test_a_private_room_is_nobody_elses() -> None:
    """And a room's name."""
    from signaling.names import is_id

    names = {private_room() for _ in range(100)}
    assert len(names) == 100
    assert all(map(is_id, names))
