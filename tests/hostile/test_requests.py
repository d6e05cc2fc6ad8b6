"""What is no proper request: two lengths, two hosts, words without end. It is refused, and nothing else is done."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from signaling import server_log
from signaling.page import HEADERS
from signaling.rate import Rate
from signaling.settings import SignalingSettings
from tests.fakes.door import ServedDoor, served_door

HOST = b"Host: 127.0.0.1\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = b"POST /api/v1/dev-token HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"

# Each may hide a second request from a proxy that reads it otherwise.
SMUGGLED = {
    "two hosts": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 44\r\n\r\n{}" + HIDDEN,
    "two lengths in one": POST + b"Content-Length: 2, 44\r\n\r\n{}" + HIDDEN,
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks before others": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks with a space": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks that are not": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n{}" + HIDDEN,
    "a length in hexadecimal": POST + b"Content-Length: 0x2\r\n\r\n{}" + HIDDEN,
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\n{}" + HIDDEN,
    "a chunk's length with a sign": POST + b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk's length without end": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 100_000 + b"\r\n\r\n",
    "a line that goes on": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: 1\r\n Content-Length: 44\r\n\r\n" + HIDDEN,
    "a header without a name": b"GET / HTTP/1.1\r\n" + HOST + b": x\r\n\r\n",
    "a header with a space": b"GET / HTTP/1.1\r\n" + HOST + b"X A: 1\r\n\r\n",
    "a nothing in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: \x00\r\n\r\n",
    "a bare return": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: 1\rX-B: 2\r\n\r\n",
}

# What has too much of something, or is not this protocol.
UNBEARABLE = {
    "a long address": b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a long query": b"GET /ws/signaling/demo?token=" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a long header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 9_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(100)) + b"\r\n",
    "a line without end": b"G" * 200_000,
    "another version": b"GET / HTTP/3.9\r\n" + HOST + b"\r\n",
    "no version": b"GET /\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(100),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another alphabet": "GÉT / HTTP/1.1\r\n\r\n".encode(),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door() -> AsyncIterator[ServedDoor]:
    """Give one door for all requests of this module: whatever one leaves behind, the next ones show."""
    async with served_door(SignalingSettings(header_deadline_s=0.3)) as served:
        yield served


@pytest.fixture(autouse=True)
def counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test have its own lines about malformed requests."""
    monkeypatch.setattr(server_log.MALFORMED_REQUESTS, "_rate", Rate(1.0, 20))


async def said(door: ServedDoor, sent: bytes) -> bytes:
    """Send bytes, and give all that comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
    try:
        writer.write(sent)
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:  # it closed while we were still sending
        return b""
    finally:
        writer.transport.abort()


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("kind", SMUGGLED)
async def test_a_request_is_never_two(door: ServedDoor, kind: str) -> None:
    """It is refused as a whole, and the connection ends: nothing behind it is taken for a request."""
    with capture_logs() as lines:
        answer = await said(door, SMUGGLED[kind])
    assert answer.startswith(b"HTTP/1.0 400 "), answer[:100]
    assert answer.count(b"HTTP/1.") == 1
    assert len([line for line in lines if line["event"] == "request"]) == 1
    assert b"hidden" not in answer


@pytest.mark.parametrize("kind", UNBEARABLE)
async def test_what_is_too_long_or_no_http_is_refused(door: ServedDoor, kind: str) -> None:
    """With a 4xx and the security headers, or with nothing; it is not waited for."""
    answer = await said(door, UNBEARABLE[kind])
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/0.9 505")), answer[:100]
    if answer:
        assert all(f"\r\n{name}: {value}\r\n".encode() in answer for name, value in HEADERS.items())
        assert b"aaaaaaaa" not in answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "BREW"])
@pytest.mark.parametrize("path", ["/", "/ws/signaling/demo", "/api/v1/languages", "/healthz"])
async def test_a_method_that_nobody_asked_for_is_refused(door: ServedDoor, method: str, path: str) -> None:
    """405, or 404 where the path is not one for it; nothing of the request comes back (TRACE)."""
    answer = await said(door, f"{method} {path} HTTP/1.1\r\nHost: a\r\nX-Secret: abcdef\r\n\r\n".encode())
    assert answer.split(b" ")[1] in (b"400", b"404", b"405"), answer[:100]
    assert b"abcdef" not in answer


@pytest.mark.parametrize("pace_s", [0.0, 0.05])
async def test_headers_that_trickle_are_not_waited_for(door: ServedDoor, pace_s: float) -> None:
    """The deadline is for all of them: a byte now and then buys no more time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    ended = asyncio.ensure_future(reader.read())
    began = asyncio.get_running_loop().time()
    while not ended.done():
        if pace_s:
            writer.write(b"a")
        await asyncio.wait({ended}, timeout=pace_s or 5)
    assert asyncio.get_running_loop().time() - began < 1.5
    assert ended.exception() is not None or ended.result() == b""
    writer.transport.abort()


async def test_a_hundred_requests_in_one_piece_are_answered_one_by_one(door: ServedDoor) -> None:
    """Pipelining is not a way around anything."""
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = await said(door, one * 99 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 200 ") == 100


@pytest.mark.parametrize("opcode", [1, 2])
@pytest.mark.parametrize("parts", [1, 70])
async def test_a_message_of_more_than_64_kib_ends_the_socket(door: ServedDoor, opcode: int, parts: int) -> None:
    """1009, whether it comes in one piece or in many; the announcement alone is enough."""
    async with aiohttp.ClientSession() as http:
        token = {"token": door.token("demo")}
        async with http.ws_connect(f"{door.url}/ws/signaling/demo", params=token) as client:
            transport = client._writer.transport
            assert transport is not None
            size = 70_000 // parts
            for number in range(parts):
                first = (0x80 if number == parts - 1 else 0) | (opcode if number == 0 else 0)
                transport.write(frame(first, bytes(size)))
            assert (await client.receive(timeout=5)).data == 1009


@pytest.mark.parametrize(
    "bad",
    [
        b"\xc1\x80\0\0\0\0",  # compressed, which was not agreed
        b"\xf1\x80\0\0\0\0",  # reserved bits
        b"\x83\x80\0\0\0\0",  # an opcode that is none
        b"\x09\x80\0\0\0\0",  # a ping in pieces
        b"\x89\xfe\x00\x7e" + bytes(130),  # a long ping
        b"\x80\x80\0\0\0\0",  # a continuation of nothing
        b"\x88\x81\0\0\0\0x",  # half a closing code
        b"\x81\x82\0\0\0\0\xc3\x28",  # not UTF-8
        b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",  # an endless message
    ],
)
async def test_what_is_no_websocket_frame_ends_the_socket(door: ServedDoor, bad: bytes) -> None:
    """With a code of the protocol (RFC 6455, section 7.4.1), and nothing escapes."""
    async with aiohttp.ClientSession() as http:
        token = {"token": door.token("demo")}
        async with http.ws_connect(f"{door.url}/ws/signaling/demo", params=token) as client:
            transport = client._writer.transport
            assert transport is not None
            transport.write(bad)
            ended = await client.receive(timeout=5)
            assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
            assert client.close_code in (1002, 1006, 1007, 1009, 1003, None)


def frame(first: int, payload: bytes) -> bytes:
    """Make a masked frame; the mask is zero, so that the payload stays readable."""
    return bytes((first, 0x80 | 127)) + len(payload).to_bytes(8, "big") + bytes(4) + payload


async def test_a_client_that_asks_for_compression_gets_none(door: ServedDoor) -> None:
    """No message is ever inflated."""
    with socket.create_connection(("127.0.0.1", int(door.url.rpartition(":")[2]))) as sock:
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        request = (
            f"GET /ws/signaling/demo?token={door.token('demo')} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        )
        await loop.sock_sendall(sock, request.encode())
        answer = await asyncio.wait_for(loop.sock_recv(sock, 4096), 5)
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert b"extensions" not in answer.lower()
