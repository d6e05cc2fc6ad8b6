"""A server that follows a script: what each WebSocket in turn is told, and how it ends."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

TICKET = "t"
"""A token that opens whatever there is."""
Script = Callable[[web.WebSocketResponse], Awaitable[None]]


class Switchboard:
    """Answers `/ws/{kind}/{room}` by the scripts, the last one again and again, and gives development tokens."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.url = ""
        # Of each socket, in order.
        self.paths: list[str] = []
        self.queries: list[dict[str, str]] = []
        # Bodies of all POSTs, and their headers.
        self.posts: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        # What the next POSTs are answered with instead of a token: status, body and headers.
        self.answers: list[web.Response] = []
        # Instead of sockets: the status of the next openings.
        self.refusals: list[int] = []

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Serve a socket."""
        if self.refusals:
            return web.Response(status=self.refusals.pop(0), headers={"Retry-After": "7"})
        self.paths.append(request.path)
        self.queries.append(dict(request.query))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        await script(socket)
        return socket

    async def post(self, request: web.Request) -> web.Response:
        """Take a POST."""
        self.posts.append((request.path, await request.json(), dict(request.headers)))
        return self.answers.pop(0) if self.answers else web.json_response({"token": f"token-{len(self.posts)}"})


@asynccontextmanager
async def switchboard(*scripts: Script) -> AsyncIterator[Switchboard]:
    """Run one on loopback."""
    board = Switchboard(*scripts)
    app = web.Application()
    app.router.add_get("/{before:.*}ws/{kind}/{room}", board.open)
    app.router.add_post("/{path:.*}", board.post)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        board.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield board
    finally:
        await runner.cleanup()


def joined(who: str = "p-1", *, resume: str = "again", page: str = "page-1", **more: object) -> dict[str, Any]:
    """Give a `joined` message."""
    me = {"participant_id": who, "name": "Ann", "speaking_language": "en", "listening_language": "es"}
    fields = {"participant_id": who, "participants": [me], "ice_servers": [], "connected": False}
    return {"type": "joined", **fields, "resume_token": resume, "page_id": page, **more}


def caption(text: str, *, final: bool = True, utterance: str = "u1", clause: int = 0) -> dict[str, Any]:
    """Give a `caption` message."""
    said = {"speaker_id": "p-2", "language": "es", "text": text, "is_final": final, "timestamp_ms": 1}
    return {"type": "caption", "event": "caption", **said, "utterance_id": utterance, "clause": clause}


async def tell(socket: web.WebSocketResponse, *messages: dict[str, Any]) -> None:
    """Send some messages."""
    for message in messages:
        await socket.send_str(json.dumps(message))


def room(*messages: dict[str, Any], close: int | None = None, lost: bool = False) -> Script:
    """Let somebody join, tell them this, and then close, break the connection, or listen until they go."""

    async def script(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await tell(socket, joined(), *messages)
        await _end(socket, close, lost)

    return script


def captions(*messages: dict[str, Any], close: int | None = None, lost: bool = False) -> Script:
    """Send this at once, and then end as `room` does."""

    async def script(socket: web.WebSocketResponse) -> None:
        await tell(socket, *messages)
        await _end(socket, close, lost)

    return script


async def _end(socket: web.WebSocketResponse, close: int | None, lost: bool) -> None:
    if lost:
        transport = socket._req.transport if socket._req else None
        if transport is not None:
            transport.abort()
    elif close is not None:
        await socket.close(code=close, message=b"said the script")
    else:
        async for _ in socket:
            pass
