"""Requests that are not HTTP, in the log."""

import asyncio
import logging

import pytest

from signaling.server_log import SERVER_LOG
from tests.fakes.door import served_door

SECRET = b"GET /r/demo?token=SECRET HTTP/1.1\r\nHost: a\r\n"
JSON = b"POST /api/v1/dev-token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


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
        (JSON + b"Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot gzip !!!", "RequestPayloadError"),
    ],
)
async def test_a_malformed_request_is_one_line(caplog: pytest.LogCaptureFixture, sent: bytes, error: str) -> None:
    """Its class, and nothing that the client has sent; the client gets a 400."""
    assert b" 400 " in await answer_to(sent)
    assert {record.getMessage() for record in caplog.records} == {f"malformed_request error={error}"}
    assert len(caplog.records) == 1
    assert (caplog.records[0].levelno, caplog.records[0].exc_info) == (logging.WARNING, None)


def test_a_fault_of_ours_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """It is an error, and somebody should look."""
    SERVER_LOG.error("Unhandled exception", exc_info=ValueError("ours"))
    assert [(record.levelno, record.exc_info is not None) for record in caplog.records] == [(logging.ERROR, True)]
