"""One attempt, against receivers of all kinds."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from signaling.webhooks.post import new_session, post
from tests.signaling.webhooks.conftest import OK, Inbox, status


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session(1, 0.2) as session:
        yield session


async def test_a_taken_event_is_taken(inbox: Inbox, session: aiohttp.ClientSession) -> None:
    """Body and headers arrive as they are."""
    answer = await post(session, inbox.url, {"webhook-id": "evt_1"}, b'{"a":1}')
    assert answer.taken
    [got] = inbox.posts
    assert (got.target, got.body, got.headers["webhook-id"]) == ("/hook", b'{"a":1}', "evt_1")
    assert got.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("sent", "result"),
    [
        (status(204), "2xx"),
        (status(302, "Location: http://127.0.0.1:1/"), "3xx"),
        (status(400), "4xx"),
        (status(500), "5xx"),
        (b"", "connection"),
        (b"HTTP/1.1 200", "connection"),
        (b"\x16\x03\x01 this is not HTTP\r\n\r\n", "connection"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it", "2xx"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone", "2xx"),
    ],
)
async def test_whatever_comes_back_is_an_answer(
    inbox: Inbox, session: aiohttp.ClientSession, sent: bytes, result: str
) -> None:
    """Redirects are not followed, bodies not read, garbage not believed."""
    inbox.answers = [sent]
    assert (await post(session, inbox.url, {}, b"{}")).result == result
    assert len(inbox.posts) == 1


async def test_a_slow_receiver_is_not_waited_for(inbox: Inbox, session: aiohttp.ClientSession) -> None:
    """The deadline holds for all of it."""
    inbox.go.clear()
    assert (await post(session, inbox.url, {}, b"{}")).result == "timeout"


async def test_nobody_there_is_an_answer_as_well(session: aiohttp.ClientSession) -> None:
    """Nobody listens on port 1 of this machine."""
    assert (await post(session, "http://127.0.0.1:1/", {}, b"{}")).result == "connection"


async def test_410_means_never_again(inbox: Inbox, session: aiohttp.ClientSession) -> None:
    """Other refusals do not."""
    inbox.answers = [status(410), status(404)]
    assert (await post(session, inbox.url, {}, b"{}")).gone
    assert not (await post(session, inbox.url, {}, b"{}")).gone


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30.0), ("-1", 0.0), ("1e9", 0.0), ("9999999", 0.0), ("Fri, 31 Dec 1999", 0.0)]
)
async def test_a_receiver_may_ask_for_a_pause(
    inbox: Inbox, session: aiohttp.ClientSession, header: str, seconds: float
) -> None:
    """In seconds; anything else is not read."""
    inbox.answers = [status(429, f"Retry-After: {header}"), OK]
    assert (await post(session, inbox.url, {}, b"{}")).retry_after_s == seconds
