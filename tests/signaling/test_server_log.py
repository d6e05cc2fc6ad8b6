"""Requests that are not HTTP, in the log."""

import asyncio
import logging

import pytest
from aiohttp.web import RequestPayloadError

from signaling.rate import Rate
from signaling.server_log import MALFORMED, MALFORMED_REQUESTS, SERVER_LOG
from tests.fakes.door import served_door

SECRET = b"GET /r/demo?token=SECRET HTTP/1.1\r\nHost: a\r\n"
JSON = b"POST /api/v1/dev-token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True)
def counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test have its own lines about malformed requests."""
    monkeypatch.setattr(MALFORMED_REQUESTS, "_rate", Rate(1.0, 20))


async def answer_to(sent: bytes) -> bytes:
    """Give the first line that a served door answers, after the connection has ended."""
    async with served_door() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
        writer.write(sent)
        answer = await asyncio.wait_for(reader.readline(), 5)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (SECRET + b"Content-Length: SECRET\r\n\r\n", "BadHttpMessage"),
        (JSON + b"Transfer-Encoding: chunked\r\n\r\nSECRET\r\n", "BadHttpMessage"),
    ],
)
async def test_a_malformed_request_is_one_line(caplog: pytest.LogCaptureFixture, sent: bytes, error: str) -> None:
    """Its class, and nothing that the client has sent; the client gets a 400."""
    assert b" 400 " in await answer_to(sent)
    assert {record.getMessage() for record in caplog.records} == {f"malformed_request error={error}"}
    assert len(caplog.records) == 1
    assert (caplog.records[0].levelno, caplog.records[0].exc_info) == (logging.WARNING, None)


def test_a_body_that_is_not_as_announced_is_one_line_too(caplog: pytest.LogCaptureFixture) -> None:
    """Whenever it turns out."""
    SERVER_LOG.error("Error handling request from %s", "192.0.2.1", exc_info=RequestPayloadError("SECRET"))
    assert [record.getMessage() for record in caplog.records] == ["malformed_request error=RequestPayloadError"]


def test_a_fault_of_ours_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """It is an error, and somebody should look."""
    SERVER_LOG.error("Unhandled exception", exc_info=ValueError("ours"))
    assert [(record.levelno, record.exc_info is not None) for record in caplog.records] == [(logging.ERROR, True)]


async def test_many_malformed_requests_are_few_lines(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can send them: what is too much for the log is only counted."""
    monkeypatch.setattr(MALFORMED_REQUESTS, "_rate", Rate(0.01, 3))
    before = MALFORMED._value.get()
    for _ in range(6):
        await answer_to(SECRET + b"Content-Length: x\r\n\r\n")
    assert len(caplog.records) == 3
    assert MALFORMED._value.get() - before == 6


def test_a_fault_of_ours_does_not_say_whose_request_it_was(caplog: pytest.LogCaptureFixture) -> None:
    """The library would write the client's address."""
    SERVER_LOG.error("Error handling request from %s", "192.0.2.1", exc_info=ValueError("ours"))
    assert [record.getMessage() for record in caplog.records] == ["request_failed"]
    assert caplog.records[0].exc_info is not None


def test_what_a_client_calls_its_subprotocol_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    """The library warns of those that it does not know, with the client's address."""
    logger = logging.getLogger("aiohttp.websocket")
    logger.warning("%s: Client protocols %r don't overlap server-known ones %r", "192.0.2.1", ["SECRET"], ())
    logger.warning("something else")
    assert [record.getMessage() for record in caplog.records] == ["something else"]
