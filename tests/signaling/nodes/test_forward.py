"""One request passed on to another node, and its answer back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from signaling.nodes.forward import UnreachableError, forward
from tests.signaling.nodes.test_relay import serve
from tests.support.until import until

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def passing_on(owner: Handler) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """Run an owner and a node before it; gives the node's address."""
    headers = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
    async with aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=headers) as http:
        owner_runner, owner_url = await serve(owner)

        async def pass_on(request: web.Request) -> web.StreamResponse:
            try:
                return await forward(http, request, owner_url, {"Host": request.host, "X-Added": "1"})
            except UnreachableError:
                return web.Response(status=599)

        node_runner, node_url = await serve(pass_on)
        try:
            yield node_url, http
        finally:
            await node_runner.cleanup()
            await owner_runner.cleanup()


async def test_request_and_answer_pass_as_they_are() -> None:
    """Method, path, query, body and headers; status, headers and body."""

    async def owner(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        told = {
            "method": request.method,
            "path": request.raw_path,
            "body": body.decode(),
            "host": request.host,
            "added": request.headers["X-Added"],
            "mine": request.headers.get("X-Mine"),
            "hop": request.headers.get("Keep-Alive"),
        }
        return web.json_response(told, status=207, headers={"X-Theirs": "1", "Retry-After": "3"})

    async with passing_on(owner) as (url, http):
        headers = {"X-Mine": "2", "Keep-Alive": "timeout=9", "Host": "parley.example.org"}
        async with http.patch(f"{url}/api/v1/rooms/a%2Fb?x=1&y=%20", data=b"hello", headers=headers) as answer:
            told = await answer.json()
            assert (answer.status, answer.headers["X-Theirs"], answer.headers["Retry-After"]) == (207, "1", "3")
    assert told == {
        "method": "PATCH",
        "path": "/api/v1/rooms/a%2Fb?x=1&y=%20",
        "body": "hello",
        "host": "parley.example.org",
        "added": "1",
        "mine": "2",
        "hop": None,
    }


async def test_a_redirect_is_the_clients_to_follow() -> None:
    """So is a refusal."""

    async def owner(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved":
            raise web.HTTPFound("/elsewhere")
        raise web.HTTPForbidden(text="no")

    async with passing_on(owner) as (url, http):
        async with http.get(f"{url}/moved", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")
        async with http.get(f"{url}/no") as answer:
            assert (answer.status, await answer.text()) == (403, "no")


async def test_events_pass_as_they_come() -> None:
    """A stream is not gathered; when the client goes, the owner hears of it."""
    go, over = asyncio.Event(), asyncio.Event()

    async def owner(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        try:
            await stream.write(b"data: 1\n\n")
            await go.wait()
            while not over.is_set():
                await stream.write(b"data: 2\n\n")
                await asyncio.sleep(0.01)
        except ConnectionError:
            over.set()
            raise
        return stream

    async with passing_on(owner) as (url, http):
        answer = await http.get(url)
        assert await answer.content.readline() == b"data: 1\n"
        go.set()
        await answer.content.readline()
        assert await answer.content.readline() == b"data: 2\n"
        answer.close()
        await asyncio.wait_for(over.wait(), 5)


async def test_an_owner_that_dies_in_the_midst_breaks_the_answer() -> None:
    """Half an answer is never taken for a whole one."""

    async def owner(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        await stream.write(b"half")
        await asyncio.sleep(0.05)
        assert request.transport is not None
        request.transport.abort()
        return stream

    async with passing_on(owner) as (url, http), http.get(url) as answer:
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_nobody_there_and_a_room_elsewhere_are_tried_again() -> None:
    """Nothing was answered yet."""

    async def owner(_: web.Request) -> web.StreamResponse:
        return web.Response(status=421)

    async with passing_on(owner) as (url, http), http.get(url) as answer:
        assert answer.status == 599


async def test_who_does_not_read_holds_up_who_sends() -> None:
    """The owner waits; what is between is bounded."""
    sent = {"bytes": 0}

    async def owner(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(1_000):
                await stream.write(bytes(100_000))
                sent["bytes"] += 100_000
        return stream

    async with passing_on(owner) as (url, http):
        answer = await http.get(url)
        await until(lambda: sent["bytes"] > 0)
        await asyncio.sleep(0.3)
        before = sent["bytes"]
        await asyncio.sleep(0.3)
        assert sent["bytes"] == before < 40_000_000
        answer.close()
