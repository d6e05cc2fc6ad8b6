"""A receiver of webhooks on a port of its own, which answers as a test tells it to."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from signaling.webhooks.settings import WebhookSettings

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code: int, *headers: str) -> bytes:
    """Give an answer without a body."""
    lines = [f"HTTP/1.1 {code} Whatever", "Content-Length: 0", *headers, "", ""]
    return "\r\n".join(lines).encode()


@dataclass
class Received:
    """One post."""

    target: str
    # By their names in lower case.
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass
class Inbox:
    """A server that keeps every post, and answers from `answers` first, then with 200. One post a connection."""

    url: str = ""
    posts: list[Received] = field(default_factory=list)
    # Bytes sent as they are, before the connection is closed.
    answers: list[bytes] = field(default_factory=list)
    # Nothing is answered before this is set.
    go: asyncio.Event = field(default_factory=asyncio.Event)

    def rooms(self) -> list[str]:
        """Name the rooms of what came, in order."""
        return [post.event["data"]["room_id"] for post in self.posts]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError), contextlib.closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.posts.append(Received(head[0].split()[1], headers, body))
            answer = self.answers.pop(0) if self.answers else OK
            await self.go.wait()
            writer.write(answer)
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """Give a running receiver, which answers at once."""
    inbox = Inbox()
    inbox.go.set()
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        connections.add(task)
        await inbox.serve(reader, writer)
        connections.discard(task)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        inbox.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield inbox
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


@pytest.fixture
def settings(inbox: Inbox) -> WebhookSettings:
    """Give settings for that receiver, in a hurry."""
    return replace(
        WebhookSettings(), urls=(inbox.url,), secret=SECRET, timeout_s=0.2, first_retry_s=0.01, longest_retry_s=0.05
    )
