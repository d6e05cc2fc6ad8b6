"""A WebSocket between a client and the node that has its room."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from signaling.guarded_socket import GuardedSocket
from signaling.nodes.forward import UnreachableError
from signaling.nodes.relay import LARGER, dial, relay
from tests.support.until import until

MOST = 64 * 1024
Owner = Callable[[web.WebSocketResponse], Awaitable[None]]


@dataclass
class Between:
    """A node that relays everything to an owner, and what the owner saw."""

    url: str
    http: aiohttp.ClientSession
    # How the owner's sockets ended.
    codes: list[int | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    async def open(self, path: str = "/ws/x", **headers: str) -> aiohttp.ClientWebSocketResponse:
        return await self.http.ws_connect(self.url + path, headers=headers, max_msg_size=0)


async def serve(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, "http://{}:{}".format(*runner.addresses[0])


@contextlib.asynccontextmanager
async def between(does: Owner) -> AsyncIterator[Between]:
    """Run an owner that does this with each socket, and a node before it."""
    async with aiohttp.ClientSession() as http:
        it = Between("", http)

        async def own(request: web.Request) -> web.StreamResponse:
            it.paths.append(request.path_qs)
            socket = web.WebSocketResponse(max_msg_size=MOST, compress=False, timeout=0.5)
            await socket.prepare(request)
            await does(socket)
            it.codes.append(socket.close_code)
            return socket

        owner, owner_url = await serve(own)

        async def pass_on(request: web.Request) -> web.StreamResponse:
            upstream = await dial(http, request, owner_url, {"X-Added": "1"}, MOST)
            client = GuardedSocket(timeout=0.5, heartbeat=5.0, max_msg_size=LARGER * MOST)
            await client.prepare(request)
            await relay(client, upstream)
            return client

        node, it.url = await serve(pass_on)
        try:
            yield it
        finally:
            await node.cleanup()
            await owner.cleanup()


async def echo(socket: web.WebSocketResponse) -> None:
    async for frame in socket:
        if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            await socket.send_frame(frame.data if isinstance(frame.data, bytes) else frame.data.encode(), frame.type)


async def test_frames_pass_as_they_are() -> None:
    """Text, binary, empty, and as large as the owner takes; path and query too."""
    async with between(echo) as it:
        socket = await it.open("/ws/signaling/demo?token=a%20b&x=1")
        for text in ("hello", "", "naïve — ü", "x" * (MOST - 1)):
            await socket.send_str(text)
            assert await socket.receive_str(timeout=5) == text
        for data in (b"\x00\xff", b"", bytes(range(256)) * 200):
            await socket.send_bytes(data)
            assert await socket.receive_bytes(timeout=5) == data
        await socket.close()
        assert it.paths == ["/ws/signaling/demo?token=a%20b&x=1"]


@pytest.mark.parametrize(("code", "why"), [(1000, b""), (1008, b"too much"), (4001, b"bad token"), (4409, b"replaced")])
async def test_the_owners_close_is_the_clients(code: int, why: bytes) -> None:
    """With its code and its words."""

    async def close(socket: web.WebSocketResponse) -> None:
        await socket.send_str("last words")
        await socket.close(code=code, message=why)

    async with between(close) as it:
        socket = await it.open()
        assert await socket.receive_str(timeout=5) == "last words"
        end = await socket.receive(timeout=5)
        assert (end.type, end.data, end.extra) == (WSMsgType.CLOSE, code, why.decode())


@pytest.mark.parametrize(("code", "told"), [(1000, 1000), (1001, 1001), (4000, 4006), (1011, 4006)])
async def test_a_clients_goodbye_is_told_as_one_and_nothing_else_is(code: int, told: int) -> None:
    """Whatever else it closes with, its participant may come back."""
    async with between(echo) as it:
        socket = await it.open()
        await socket.close(code=code)
        await until(lambda: it.codes == [told])


async def test_a_client_that_breaks_off_is_told_as_lost() -> None:
    """Not as a goodbye: their place is kept."""
    async with between(echo) as it:
        socket = await it.open()
        transport = socket._writer.transport
        assert transport is not None
        transport.abort()
        await until(lambda: it.codes == [4006])


async def test_an_owner_that_dies_sends_its_clients_elsewhere() -> None:
    """At once, with a code after which they come back."""

    async def die(socket: web.WebSocketResponse) -> None:
        await socket.send_str("one")
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()

    async with between(die) as it:
        socket = await it.open()
        assert await socket.receive_str(timeout=5) == "one"
        end = await socket.receive(timeout=5)
        assert (end.type, end.data) == (WSMsgType.CLOSE, 4307)


async def test_a_frame_that_is_too_large_is_the_owners_to_refuse() -> None:
    """With 1009; one that is much larger is not even passed on."""
    async with between(echo) as it:
        for size in (MOST + 1, (LARGER + 1) * MOST):
            socket = await it.open()
            await socket.send_bytes(bytes(size))
            end = await socket.receive(timeout=5)
            assert (end.type, end.data) == (WSMsgType.CLOSE, 1009)
        await until(lambda: len(it.codes) == 2)
        assert it.codes[1] == 4006


async def test_who_does_not_read_holds_up_who_sends_and_nobody_else() -> None:
    """The owner waits, and no more than the buffers of two connections is ever between."""
    sent = {"bytes": 0}

    async def pour(socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            for _ in range(2_000):
                await socket.send_bytes(bytes(60_000))
                sent["bytes"] += 60_000

    async with between(pour) as it:
        slow = await it.open()
        await asyncio.sleep(0.3)
        before = sent["bytes"]
        await asyncio.sleep(0.3)
        assert sent["bytes"] == before < 40_000_000
        assert (await slow.receive(timeout=5)).type is WSMsgType.BINARY
        transport = slow._writer.transport
        assert transport is not None
        transport.abort()
        await until(lambda: len(it.codes) == 1)


async def test_nobody_there_is_told_from_a_refusal() -> None:
    """The first is tried elsewhere, the second is for the client."""

    async def refuse(request: web.Request) -> web.StreamResponse:
        return web.Response(status=int(request.path[1:]))

    runner, url = await serve(refuse)
    outcomes: list[object] = []
    async with aiohttp.ClientSession() as http:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            for base in (url, "http://127.0.0.1:9"):
                try:
                    await dial(http, request, base, {}, MOST)
                except UnreachableError:
                    outcomes.append("unreachable")
                except aiohttp.WSServerHandshakeError as error:
                    outcomes.append(error.status)
            return web.Response()

        node, node_url = await serve(pass_on)
        for status in (421, 503, 403, 429):
            async with http.get(f"{node_url}/{status}") as answer:
                assert answer.status == 200
        await node.cleanup()
    await runner.cleanup()
    assert outcomes[::2] == ["unreachable", "unreachable", 403, 429]
    assert outcomes[1::2] == ["unreachable"] * 4
