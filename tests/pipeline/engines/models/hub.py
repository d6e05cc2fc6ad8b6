"""A server of models on loopback: it serves what it is given, and has the faults that it is told to have."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What it has, by path; what came; and what goes wrong."""

    files: dict[str, bytes]
    url: str = ""
    # (path, Range, If-Range) of each request, in order.
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    # The next answers break off after so many bytes of the body, or have this status.
    break_after: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    # Whether it says which version a file is, and whether it can send a part.
    tags: bool = True
    ranges: bool = True
    # Whether large files lie elsewhere, as at the real one.
    sends_on: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/elsewhere")
        self.asked.append((path, request.headers.get("Range", ""), request.headers.get("If-Range", "")))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        if (body := self.files.get(path)) is None:
            return web.Response(status=404)
        digest = hashlib.sha256(body).hexdigest()
        if self.sends_on and not request.path.startswith("/elsewhere"):
            headers = {"X-Linked-Etag": f'"{digest}"', "X-Repo-Commit": COMMIT, "Location": f"/elsewhere{path}"}
            return web.Response(status=302, headers=headers)
        return await self._send(request, body, f'"{digest[:8]}"')

    async def _send(self, request: web.Request, body: bytes, tag: str) -> web.StreamResponse:
        begin, asked = 0, request.headers.get("Range", "")
        if self.ranges and asked and request.headers.get("If-Range", tag) == tag:
            begin = int(asked.removeprefix("bytes=").rstrip("-"))
        if begin >= len(body) and begin:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
        answer = web.StreamResponse(status=206 if begin else 200, headers={"X-Repo-Commit": COMMIT})
        answer.content_length = len(body) - begin
        if self.tags:
            answer.headers["ETag"] = tag
        if begin:
            answer.headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        await answer.prepare(request)
        rest = body[begin:]
        if self.break_after:
            await answer.write(rest[: self.break_after.pop(0)])
            assert request.transport
            request.transport.close()
            return answer
        await answer.write(rest)
        return answer


@asynccontextmanager
async def hub(files: dict[str, bytes]) -> AsyncIterator[Hub]:
    """Serve these files until the block ends."""
    serves = Hub(files)
    app = web.Application()
    app.router.add_get("/{path:.*}", serves.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    serves.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield serves
    finally:
        await runner.cleanup()
