"""A provider of one's own: a server on loopback that answers by script, over HTTP and WebSocket, and goes wrong by it.

async with Provider() as provider:
    provider.on("POST", "/v1/speak", Answer(status=429, headers={"Retry-After": "7"}), Answer(json={"ok": True}))
    ... ask provider.url ...
    assert provider.requests[0].headers["Authorization"] == "Token secret"
"""

import asyncio
import json as json_
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from weakref import WeakSet

from aiohttp import BodyPartReader, web

LARGEST = 64 << 20
"""Bytes of one request."""
LONG_S = 30.0
"""Seconds that an answer hangs which never comes."""

Fault = Literal["", "half closed", "reset", "garbage", "silent"]


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    method: str
    path: str
    query: Mapping[str, str]
    # Names in any case.
    headers: Mapping[str, str]
    body: bytes
    # The fields of a form, files as their bytes; empty if it was none. A field sent repeatedly is a list.
    form: Mapping[str, Any] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json_.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What is answered, and how it goes wrong."""

    status: int = 200
    # Sent as JSON if it is not None; else `body`.
    json: Any = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    # Seconds before it begins.
    delay_s: float = 0.0
    # If there are any, they are sent instead of the body, one by one, chunked, with so many seconds between them.
    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0.0
    # half closed: the first half of it, then the server's side is closed; reset: the same, but by RST;
    # garbage: bytes that are no HTTP; silent: the request is taken, and nothing ever comes.
    fault: Fault = ""

    @property
    def bytes(self) -> bytes:
        return self.body if self.json is None else json_.dumps(self.json).encode()


Answering = Answer | Callable[[Request], Answer]
Talk = Callable[["Talking"], Awaitable[None]]


class Talking:
    """One WebSocket that a client opened: what a script uses to talk to it."""

    def __init__(self, request: Request, opened: web.WebSocketResponse, http: web.Request) -> None:
        self.request = request
        self._opened = opened
        self._http = http
        # Everything that came: text as JSON, binary as bytes.
        self.received: list[Any] = []

    async def receive(self) -> Any:
        """Wait for the next message: JSON decoded, or bytes; None once the client has gone."""
        message = await self._opened.receive()
        if message.type not in (web.WSMsgType.TEXT, web.WSMsgType.BINARY):
            return None
        told = json_.loads(message.data) if message.type is web.WSMsgType.TEXT else message.data
        self.received.append(told)
        return told

    async def tell(self, message: Any) -> None:
        """Send JSON. Does nothing if the client has gone."""
        await self.say(json_.dumps(message))

    async def say(self, text: str) -> None:
        """Send any text."""
        if not self._opened.closed:
            try:
                await self._opened.send_str(text)
            except ConnectionError:  # it went meanwhile
                return

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in order."""
        await self._opened.close(code=code, message=reason.encode())

    def vanish(self) -> None:
        """Cut the connection without a goodbye."""
        if self._http.transport is not None:
            self._http.transport.abort()


class Provider:
    """The server. Paths without a script are answered by 404. The last answer of a script is given for ever."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        # WebSockets that were opened.
        self.talks: list[Talking] = []
        # Requests whose client went away before they were answered, and WebSockets that are open now.
        self.abandoned = 0
        self.open_talks = 0
        # Connections that requests came by.
        self._transports: WeakSet[asyncio.BaseTransport] = WeakSet()
        self.connections = 0
        self._scripts: dict[tuple[str, str], list[Answering]] = {}
        self._talks: dict[str, Talk] = {}
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{path:.*}", self._serve)
        # A client that closes its connection cancels what answers it.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        for talk in self.talks:
            talk.vanish()
        await self._runner.cleanup()

    def on(self, method: str, path: str, *answers: Answering) -> None:
        """Answer requests for a path one after the other; also before a WebSocket opens, if it is GET."""
        self._scripts[method, path] = list(answers)

    def talk(self, path: str, script: Talk) -> None:
        """Open WebSockets at a path, and run the script on each until it ends or the client goes."""
        self._talks[path] = script

    async def _serve(self, http: web.Request) -> web.StreamResponse:
        if http.transport is not None and http.transport not in self._transports:
            self._transports.add(http.transport)
            self.connections += 1
        is_talk = http.headers.get("Upgrade", "").lower() == "websocket"
        request = await _request(http)
        self.requests.append(request)
        script = self._scripts.get((http.method, http.path))
        if script is None and is_talk and http.path in self._talks:
            return await self._converse(request, http)
        if script is None:
            return web.Response(status=404)
        answering = script[0] if len(script) == 1 else script.pop(0)
        try:
            return await _give(answering(request) if callable(answering) else answering, http)
        except (asyncio.CancelledError, ConnectionError):
            self.abandoned += 1
            raise

    async def _converse(self, request: Request, http: web.Request) -> web.StreamResponse:
        opened = web.WebSocketResponse(max_msg_size=LARGEST, timeout=0.2)
        await opened.prepare(http)
        talking = Talking(request, opened, http)
        self.talks.append(talking)
        self.open_talks += 1
        try:
            await self._talks[http.path](talking)
            await opened.close()
        finally:
            self.open_talks -= 1
        return opened


async def _request(http: web.Request) -> Request:
    if http.content_type.startswith("multipart/"):
        return Request(http.method, http.path, http.query, http.headers, b"", await _form(http))
    return Request(http.method, http.path, http.query, http.headers, await http.read())


async def _form(http: web.Request) -> dict[str, Any]:
    form: dict[str, list[Any]] = {}
    async for part in await http.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        form.setdefault(part.name or "", []).append(content if part.filename else content.decode())
    return {name: values[0] if len(values) == 1 else values for name, values in form.items()}


async def _give(answer: Answer, http: web.Request) -> web.StreamResponse:
    await asyncio.sleep(LONG_S if answer.fault == "silent" else answer.delay_s)
    if answer.fault in ("garbage", "half closed", "reset"):
        return await _break(answer, http)
    headers = dict(answer.headers)
    if answer.json is not None:
        headers.setdefault("Content-Type", "application/json")
    if not answer.pieces:
        return web.Response(status=answer.status, body=answer.bytes, headers=headers)
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(http)
    for piece in answer.pieces:
        await response.write(piece)
        await asyncio.sleep(answer.pause_s)
    await response.write_eof()
    return response


async def _break(answer: Answer, http: web.Request) -> web.StreamResponse:
    """Write to the wire what no server should, and wait until the client goes."""
    transport = http.transport
    assert isinstance(transport, asyncio.Transport)
    if answer.fault == "garbage":
        transport.write(b"\x00\xff\x17 what is this?\r\n\r\n" * 8)
    else:
        body = b"".join(answer.pieces) or answer.bytes
        head = f"HTTP/1.1 {answer.status} Whatever\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        transport.write(head.encode() + b"\r\n" + body[: len(body) // 2])
        await asyncio.sleep(0.02)  # so that it is read before the end is
        if answer.fault == "reset":
            transport.abort()
        else:
            transport.write_eof()
    await asyncio.sleep(LONG_S)
    raise ConnectionResetError("the client stayed")
