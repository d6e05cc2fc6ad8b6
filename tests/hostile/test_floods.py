"""Floods at the door, of strangers and of who has a token (holes H9 and H11 of the stack below): others talk on."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.hostile.siege import Siege
from tests.hostile.test_strangers import connect_and_leave
from tests.support.until import until

pytestmark = pytest.mark.blocks_loop("a thousand sockets are opened on this loop; the node is not on it")

# An address of this machine to which the limits apply; the siege's node has an exception only for 127.0.0.1.
ELSEWHERE = "127.0.0.9"
SOCKETS = 1_000
PING = b"\x89\x80" + bytes(4)


@contextlib.asynccontextmanager
async def slow_sockets(siege: Siege, source: str, count: int) -> AsyncIterator[list[socket.socket]]:
    """Open so many connections, and send the beginning of a request on each."""
    port = int(siege.url.rpartition(":")[2])
    loop = asyncio.get_running_loop()
    sockets = []

    async def begin() -> None:
        sock = socket.socket()
        sockets.append(sock)
        sock.setblocking(False)
        sock.bind((source, 0))
        await loop.sock_connect(sock, ("127.0.0.1", port))
        with contextlib.suppress(ConnectionError):  # it may be refused by now
            await loop.sock_sendall(sock, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")

    try:
        for _ in range(count // 50):
            await asyncio.gather(*(begin() for _ in range(50)))
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


def refused(sockets: list[socket.socket]) -> int:
    """Count those that were answered with 429, or are closed."""
    count = 0
    for sock in sockets:
        try:
            count += sock.recv(12, socket.MSG_PEEK) in (b"", b"HTTP/1.1 429")
        except BlockingIOError:
            pass
        except ConnectionError:
            count += 1
    return count


async def token_of(siege: Siege, http: aiohttp.ClientSession) -> dict[str, str]:
    """Get a token for a room of their own."""
    async with http.post(f"{siege.url}/api/v1/dev-token", json={"room_id": "flood"}) as response:
        return {"token": (await response.json())["token"]}


async def test_a_thousand_slow_requests_disturb_nobody(siege: Siege) -> None:
    """From an address without limits all are held until their time is over, and others come in beside them."""
    async with siege.watch() as watched, slow_sockets(siege, "127.0.0.1", SOCKETS) as sockets:
        for sock in sockets:  # some more of them
            with contextlib.suppress(ConnectionError):
                sock.send(b"a")
        assert refused(sockets) == 0
        await connect_and_leave(siege.url, "slow")
    watched.assert_unharmed()


async def test_of_one_address_a_hundred_connections_are_held(siege: Siege) -> None:
    """The other 900 are refused before they have said anything."""
    async with siege.watch() as watched, slow_sockets(siege, ELSEWHERE, SOCKETS) as sockets:
        await until(lambda: refused(sockets) == SOCKETS - 100)
        await connect_and_leave(siege.url, "slow")
    assert watched.counted("parley_signaling_refused_total", reason="connections") == SOCKETS - 100
    watched.assert_unharmed()


async def test_a_flood_of_messages_ends_the_socket(siege: Siege) -> None:
    """As fast as they can be written: what is over the rate is dropped, and after 20 of those it is over."""
    async with siege.watch() as watched, aiohttp.ClientSession() as http:
        for _ in range(5):
            async with http.ws_connect(f"{siege.url}/ws/signaling/flood", params=await token_of(siege, http)) as sock:
                with contextlib.suppress(ConnectionError):
                    for _ in range(2_000):
                        await sock.send_str('{"type":"ping"}')
                async with asyncio.timeout(5):
                    async for _ in sock:
                        pass
                assert sock.close_code in (1008, 1006)
    watched.assert_unharmed()


async def test_a_flood_of_pings_ends_the_socket(siege: Siege) -> None:
    """40,000 of them in one piece, 20 times over: aiohttp alone would answer each before it looks at anything else."""
    async with siege.watch() as watched, aiohttp.ClientSession() as http:
        for _ in range(20):
            token = await token_of(siege, http)
            async with http.ws_connect(f"{siege.url}/ws/signaling/flood", params=token) as sock:
                transport = sock._writer.transport
                assert transport is not None
                transport.write(PING * 40_000)
                async with asyncio.timeout(5):
                    while not sock.closed:
                        await sock.receive()
    assert watched.counted("parley_signaling_refused_total", reason="flood") == 20
    watched.assert_unharmed()


async def test_messages_of_four_megabytes_are_not_taken(siege: Siege) -> None:
    """The socket is closed at their announcement, and nothing of them is kept."""
    async with siege.watch() as watched, aiohttp.ClientSession() as http:
        for _ in range(20):
            token = await token_of(siege, http)
            async with http.ws_connect(f"{siege.url}/ws/captions/flood", params=token) as sock:
                with contextlib.suppress(ConnectionError):
                    await sock.send_bytes(bytes(4 << 20))
                async with asyncio.timeout(5):
                    while not sock.closed:
                        await sock.receive()
    assert watched.grown_mb < 5, watched
    watched.assert_unharmed()


async def test_guessing_tokens_has_a_rate(siege: Siege) -> None:
    """From one address a hundred at once, ten a second from then on; the others are not even upgraded."""
    connector = aiohttp.TCPConnector(local_addr=(ELSEWHERE, 0), force_close=True)
    answers: list[int] = []
    async with siege.watch() as watched, aiohttp.ClientSession(connector=connector) as http:
        for number in range(200):
            try:
                async with http.ws_connect(f"{siege.url}/ws/signaling/flood", params={"token": str(number)}) as sock:
                    answers.append((await sock.receive()).data)
            except aiohttp.WSServerHandshakeError as error:
                answers.append(error.status)
    assert set(answers) == {4001, 429}
    assert 100 <= answers.count(4001) <= 150
    watched.assert_unharmed()
