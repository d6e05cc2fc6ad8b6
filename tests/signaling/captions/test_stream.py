"""Captions as Server-Sent Events, by real connections."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from signaling.captions.settings import CaptionSettings
from signaling.captions.stream import PATH, STREAMS, event
from signaling.identity.grant import Grant, Identity
from tests.fakes.said import transcript, translation
from tests.signaling.conftest import ROOM, House, OpenHouse
from tests.support.until import until

ACCEPT = {"Accept": "text/event-stream"}


class Events:
    """What a browser's EventSource makes of a stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.last_id: str | None = None
        self.comments = 0
        self.retry_ms = 0

    async def next(self) -> dict[str, Any]:
        """Give the next event's data."""
        data = ""
        async with asyncio.timeout(5):
            while True:
                line = (await self.response.content.readline()).decode()
                if not line:
                    raise EOFError
                name, _, value = line.rstrip("\n").partition(":")
                if name == "id":
                    self.last_id = value.strip()
                elif name == "retry":
                    self.retry_ms = int(value)
                elif name == "data":
                    data += value
                elif not name and line != "\n":
                    self.comments += 1
                elif line == "\n" and data:
                    found: dict[str, Any] = json.loads(data)
                    return found


def open_stream(house: House, *, token: str | None = None, last_id: str | None = None, **query: str) -> Any:
    headers = ACCEPT if last_id is None else {**ACCEPT, "Last-Event-ID": last_id}
    params = {"token": house.token() if token is None else token, **query}
    return house.http.get(PATH.format(room_id=ROOM), params=params, headers=headers)


async def reading(house: House) -> None:
    await until(lambda: house.door.feed.is_read(ROOM))


async def test_captions_come_as_events(house: House) -> None:
    """As the captions socket gives them; final ones with an id."""
    async with open_stream(house, language="es") as response:
        events = Events(response)
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        await reading(house)
        await house.bus.publish(translation("buen", "good", final=False))
        assert (await events.next())["text"] == "buen"
        assert events.last_id is None
        assert events.retry_ms > 0
        await house.bus.publish(translation("buenos días", "good morning"))
        caption = await events.next()
    assert (caption["type"], caption["text"], caption["is_final"]) == ("caption", "buenos días", True)
    assert events.last_id == caption["cursor"]
    await until(lambda: not house.door.feed.is_read(ROOM))


async def test_a_stream_that_broke_goes_on_where_it_was(house: House) -> None:
    """With `Last-Event-ID`: what came meanwhile comes, and nothing twice."""
    async with await house.http.ws_connect(f"/ws/captions/{ROOM}", params={"token": house.token()}) as keeps:
        async with open_stream(house) as response:
            events = Events(response)
            await until(lambda: len(house.http.app[STREAMS]) == 1)
            await house.bus.publish(transcript("one", targets=()))
            await events.next()
        await house.bus.publish(transcript("two", clause=1, targets=()))
        for _ in range(2):
            await keeps.receive_json(timeout=5)
        async with open_stream(house, last_id=events.last_id) as response:
            assert (await Events(response).next())["text"] == "two"


async def test_the_realtime_form_streams_too(house: House) -> None:
    """The query is that of the captions socket."""
    async with open_stream(house, format="realtime") as response:
        await reading(house)
        await house.bus.publish(transcript("hello"))
        assert (await Events(response).next())["type"] == "realtime"


async def test_silence_is_broken_by_comments(open_house: OpenHouse) -> None:
    """So that proxies keep the connection, and dead ones are noticed."""
    house = await open_house(captions=CaptionSettings(stream_heartbeat_s=0.02))
    async with open_stream(house) as response:
        events = Events(response)
        await reading(house)
        await asyncio.sleep(0.1)
        await house.bus.publish(transcript("hello"))
        await events.next()
    assert events.comments >= 2


@pytest.mark.parametrize("token", ["", "nonsense", "e30.e30.e30"])
async def test_a_bad_token_opens_nothing(house: House, token: str) -> None:
    """It is told so by 401, at which a browser does not come back."""
    async with open_stream(house, token=token) as response:
        assert response.status == 401
        assert "text/event-stream" not in response.headers["Content-Type"]


async def test_a_token_of_another_room_opens_nothing(house: House) -> None:
    """The room is the one in the token."""
    async with open_stream(house, token=house.token("other")) as response:
        assert response.status == 401


async def test_what_is_wrong_is_said(house: House) -> None:
    """A query that means nothing, a form that is not streamed, a language that the token does not allow."""
    async with open_stream(house, language="klingonese") as response:
        assert response.status in (400, 422)
    async with house.http.get(PATH.format(room_id=ROOM), params={"token": house.token()}) as response:
        assert response.status == 406
    spanish = house.door.tokens.issue_for(Grant(identity=Identity("bea", ROOM), languages=frozenset({"es"})))
    async with open_stream(house, token=spanish, language="fr") as response:
        assert response.status == 403


async def test_another_sites_page_reads_nothing(house: House) -> None:
    """Its origin is not ours, and not on the list."""
    headers = {**ACCEPT, "Origin": "https://evil.example"}
    path = PATH.format(room_id=ROOM)
    async with house.http.get(path, params={"token": house.token()}, headers=headers) as response:
        assert response.status == 403


async def test_whoever_waits_in_the_lobby_reads_nothing(house: House) -> None:
    """Until a host lets them in."""
    house.door.states.change(ROOM, lobby=True)
    async with open_stream(house) as response:
        assert response.status == 403


async def test_a_draining_server_takes_no_new_reader(house: House) -> None:
    """It says when to come back."""
    house.door.health.drain()
    async with open_stream(house) as response:
        assert response.status == 503
        assert "Retry-After" in response.headers


async def test_a_removed_reader_reads_no_more(house: House) -> None:
    """The stream ends when a host removes them, and another one is refused."""
    token = house.token(ROOM, "bea")
    async with open_stream(house, token=token) as response:
        await reading(house)
        house.door.states.change(ROOM, removed=frozenset({"bea"}))
        with pytest.raises(EOFError):
            await Events(response).next()
    async with open_stream(house, token=token) as response:
        assert response.status == 403


async def test_a_revoked_token_ends_its_stream(house: House) -> None:
    """In the middle of it."""
    grant = Grant(identity=Identity("bea", ROOM))
    token = house.door.tokens.issue_for(grant)
    known = await house.door.tokens.check(token, ROOM)
    async with open_stream(house, token=token) as response:
        await reading(house)
        house.door.revocations.revoke(known.token_id, 9e9)
        with pytest.raises(EOFError):
            await Events(response).next()


async def test_streams_end_with_the_application(house: House) -> None:
    """At once, not when a timeout has passed."""
    async with open_stream(house) as response:
        await reading(house)
        async with asyncio.timeout(2):
            await house.http.app.shutdown()
            with pytest.raises(EOFError):
                await Events(response).next()


async def test_a_reader_who_does_not_read_is_given_up(open_house: OpenHouse) -> None:
    """What is final is not dropped: they are, and come back with the id of the last event."""
    house = await open_house(outbox_size=8)
    async with open_stream(house):
        await reading(house)
        for clause in range(400):
            house.door.feed.take(transcript("word " * 2_000, clause=clause, targets=()))
        await until(lambda: not house.door.feed.is_read(ROOM))


async def test_one_identity_has_no_more_streams_than_sockets(open_house: OpenHouse) -> None:
    """They are counted together."""
    house = await open_house(sockets_per_identity=1)
    token = house.token(ROOM, "bea")
    async with open_stream(house, token=token) as first:
        assert first.status == 200
        async with open_stream(house, token=token) as second:
            assert second.status == 429


def test_an_event_is_one_line_of_json() -> None:
    """With an id, or without one."""
    assert event(b"{}", "a-1") == b"id: a-1\ndata: {}\n\n"
    assert event(b"{}", None) == b"data: {}\n\n"
