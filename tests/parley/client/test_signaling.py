"""A place in a room: joining, asking, being lost and coming back."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from parley.client.backoff import BackoffSettings
from parley.client.errors import (
    BrokenError,
    PolicyError,
    RefusedError,
    ReplacedError,
    TokenEndedError,
    TokenError,
    UnreachableError,
)
from parley.client.events import Answer, AnyEvent, Joined, Notice, Pong, Unknown
from parley.client.messages import Join, Mute, SetLanguages
from parley.client.signaling import Signaling, SignalingSettings
from tests.fakes.switchboard import Script, Switchboard, joined, room, switchboard, tell

QUICK = SignalingSettings(answer_s=2.0, backoff=BackoffSettings(first_s=0.01, most_s=0.02, give_up_s=0.3))
FIRST = "first"
ANN = Join(name="Ann", speaking_language="en", listening_language="es")


def place(server: Switchboard, token: str | Callable[[], Awaitable[str]] = FIRST) -> Signaling:
    return Signaling(server.url, "hall", ANN, token=token, settings=QUICK)


def listening(told: list[dict[str, object]], *messages: dict[str, Any]) -> Script:
    """Let somebody join, and write down what they say; the first thing is answered with these messages."""

    async def script(socket: web.WebSocketResponse) -> None:
        told.append(json.loads((await socket.receive()).data))
        await tell(socket, joined())
        async for frame in socket:
            told.append(json.loads(frame.data))
            if len(told) == 2:
                await tell(socket, *messages)

    return script


async def test_whoever_joins_is_told_who_is_there() -> None:
    """The participants are those of `joined`, and follow what the server tells."""
    bob = {"participant_id": "bob", "name": "Bob", "speaking_language": "es", "listening_language": "es"}
    news: list[dict[str, Any]] = [
        {"type": "participant_joined", "participant": bob},
        {"type": "participant_updated", "participant": {**bob, "muted": True}},
        {"type": "pong"},
        {"type": "participant_left", "participant_id": "bob", "reason": "left"},
        {"type": "notice", "code": "end"},
    ]
    async with switchboard(room(*news)) as server, place(server) as signaling:
        assert signaling.participant_id == "p-1"
        async for event in signaling.events.read():
            if isinstance(event, Pong):
                # What is on the tape may be older than what is known.
                assert set(signaling.participants) <= {"p-1", "bob"}
            if isinstance(event, Notice):
                break
        assert set(signaling.participants) == {"p-1"}


async def test_leaving_says_goodbye() -> None:
    """The last message is `leave`, so that the server keeps no place."""
    told: list[dict[str, object]] = []
    async with switchboard(listening(told)) as server:
        async with place(server) as signaling:
            await signaling.send(Mute(muted=True))
        await signaling.leave()
    assert [message["type"] for message in told] == ["join", "mute", "leave"]


async def test_a_question_is_answered_or_refused() -> None:
    """`ask` gives the answer, or raises what the server has against it."""
    told: list[dict[str, object]] = []
    refusal = {"type": "error", "code": "unknown_language", "message": "no", "in_reply_to": "set_languages"}
    async with switchboard(listening(told, {"type": "pong"})) as server, place(server) as signaling:
        assert await signaling.ask(Mute(muted=True), Pong) == Pong()
    told.clear()
    async with switchboard(listening(told, refusal)) as server, place(server) as signaling:
        with pytest.raises(RefusedError, match="unknown_language"):
            await signaling.ask(SetLanguages(listening_language="x"), Pong)


async def test_who_is_lost_comes_back_as_the_same() -> None:
    """By the resume token, naming the page, and with the languages that were set meanwhile."""
    told: list[dict[str, object]] = []

    async def loses(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await tell(socket, joined())
        await socket.receive()
        socket._req.transport.abort()  # type: ignore[union-attr]

    async with switchboard(loses, listening(told)) as server, place(server) as signaling:
        await signaling.send(SetLanguages(listening_language="fr"))
        events = [event async for event in first(signaling, 2)]
        await signaling.send(Mute(muted=True))
    assert [type(event) for event in events] == [Joined, Joined]
    assert [query["token"] for query in server.queries] == ["first", "again"]
    assert (told[0]["resume"], told[0]["listening_language"]) == ("page-1", "fr")


async def first(signaling: Signaling, count: int) -> AsyncIterator[AnyEvent]:
    reading = signaling.events.read()
    for _ in range(count):
        yield await anext(reading)


@pytest.mark.parametrize(("code", "error"), [(4409, ReplacedError), (1008, PolicyError)])
async def test_who_is_not_wanted_stays_away(code: int, error: type[Exception]) -> None:
    """The call ends with the reason, and nothing is tried again."""
    async with switchboard(room(close=code)) as server, place(server) as signaling:
        with pytest.raises(error):
            async for _ in signaling.events.read():
                pass
        with pytest.raises(error):
            await signaling.send(Mute(muted=True))
    assert len(server.paths) == 1


async def test_a_bad_token_is_told_at_once() -> None:
    """Joining raises what the server closed with."""

    async def refuses(socket: web.WebSocketResponse) -> None:
        await socket.close(code=4001, message=b"expired")

    async with switchboard(refuses) as server:
        with pytest.raises(TokenError, match="expired"):
            async with place(server):
                pass


async def test_a_name_that_is_not_taken_is_told_at_once() -> None:
    """Joining raises the refusal."""

    async def refuses(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await tell(socket, {"type": "error", "code": "bad_name", "message": "too long", "in_reply_to": "join"})
        await socket.receive()

    async with switchboard(refuses) as server:
        with pytest.raises(RefusedError, match="bad_name"):
            async with place(server):
                pass


async def test_a_server_that_began_anew_is_joined_anew() -> None:
    """It knows no resume token: another ordinary one is fetched, and no page is named."""
    told: list[dict[str, object]] = []
    fetched: list[str] = []

    async def token() -> str:
        fetched.append(f"fresh-{len(fetched)}")
        return fetched[-1]

    async def refuses(socket: web.WebSocketResponse) -> None:
        await socket.close(code=4001)

    async with switchboard(room(lost=True), refuses, listening(told)) as server, place(server, token) as signaling:
        assert [type(event) async for event in first(signaling, 2)] == [Joined, Joined]
    assert [query["token"] for query in server.queries] == ["fresh-0", "again", "fresh-1"]
    assert "resume" not in told[0]


async def test_a_visit_that_ends_may_begin_anew() -> None:
    """For whoever fetches tokens; whoever has but one has to go."""
    fetched: list[str] = []

    async def token() -> str:
        fetched.append(f"fresh-{len(fetched)}")
        return fetched[-1]

    async with switchboard(room(close=4401), room()) as server, place(server, token) as signaling:
        assert [type(event) async for event in first(signaling, 2)] == [Joined, Joined]
    assert [query["token"] for query in server.queries] == ["fresh-0", "fresh-1"]
    async with switchboard(room(close=4401), room()) as server, place(server) as signaling:
        with pytest.raises(TokenEndedError):
            [event async for event in first(signaling, 2)]


async def test_who_cannot_come_back_gives_up() -> None:
    """After `give_up_s` the call ends with what went wrong."""
    async with switchboard(room(lost=True)) as server, place(server) as signaling:
        server.refusals = [503] * 1000
        with pytest.raises(Exception, match="503") as caught:
            async for _ in signaling.events.read():
                pass
    assert not isinstance(caught.value, BrokenError)
    assert 3 < 1000 - len(server.refusals) < 100


async def test_what_nobody_foresaw_ends_the_call() -> None:
    """Readers get the error instead of waiting for ever."""

    def breaks(_: object) -> None:
        raise RuntimeError("a watcher broke")

    async with switchboard(listening([], {"type": "pong"})) as server, place(server) as signaling:
        signaling.watchers.append(breaks)
        await signaling.send(Mute(muted=True))
        with pytest.raises(RuntimeError, match="a watcher broke"):
            async for _ in signaling.events.read():
                pass


async def test_what_breaks_again_and_again_is_waited_for() -> None:
    """A place that is lost as soon as it is had is not asked for without a pause."""
    slow = SignalingSettings(answer_s=2.0, backoff=BackoffSettings(first_s=0.1, jitter=0.0))
    async with (
        switchboard(room(lost=True)) as server,
        Signaling(server.url, "hall", ANN, token=FIRST, settings=slow),
    ):
        await asyncio.sleep(0.5)
    assert 2 <= len(server.paths) <= 4


async def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    """Joining gives up."""

    async def says_nothing(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await socket.receive()

    quick = SignalingSettings(answer_s=0.1)
    async with switchboard(says_nothing) as server:
        with pytest.raises(UnreachableError, match="in time"):
            async with Signaling(server.url, "hall", ANN, token=FIRST, settings=quick):
                pass


async def test_what_is_sent_while_lost_waits_for_the_next_connection() -> None:
    """A mute that is asked for meanwhile is said to the next socket."""
    told: list[dict[str, object]] = []
    async with switchboard(room(lost=True), listening(told)) as server, place(server) as signaling:
        server.refusals = [503, 503]
        await asyncio.sleep(0.02)
        await signaling.send(Mute(muted=True))
    assert {"type": "mute", "muted": True} in told


async def test_messages_of_a_newer_server_reach_the_reader() -> None:
    """What is not known is not dropped."""
    async with switchboard(room({"type": "weather"})) as server, place(server) as signaling:
        _, event = [event async for event in first(signaling, 2)]
    assert isinstance(event, Unknown)
    assert event.type == "weather"


async def test_who_waits_in_the_lobby_is_in_when_a_host_says_so() -> None:
    """However long that takes; a connection that breaks meanwhile is made anew, to wait on."""
    waiting = {"type": "waiting", "participant_id": "p-1", "resume_token": "wait-on"}

    async def loses(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await tell(socket, waiting)
        await asyncio.sleep(0.3)
        socket._req.transport.abort()  # type: ignore[union-attr]

    async def admits(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await tell(socket, waiting, joined())
        await socket.receive()

    patient = SignalingSettings(answer_s=0.2, backoff=QUICK.backoff)
    async with (
        switchboard(loses, admits) as server,
        Signaling(server.url, "hall", ANN, token=FIRST, settings=patient) as signaling,
    ):
        assert signaling.participant_id == "p-1"
    assert [query["token"] for query in server.queries] == ["first", "wait-on"]


async def test_an_answer_of_another_participant_is_not_the_servers() -> None:
    """It is passed on, and says from whom it is."""
    theirs = {"type": "answer", "from": "p-2", "sdp": "theirs"}
    async with (
        switchboard(listening([], theirs, {"type": "answer", "sdp": "v=0", "slots": []})) as server,
        place(server) as signaling,
    ):
        assert (await signaling.ask(Mute(muted=True), Answer)).sdp == "v=0"
