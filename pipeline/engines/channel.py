"""Frames over a stream socket between two processes of one machine."""

import asyncio
import socket
from typing import Any, Generic, Self, TypeVar

import msgspec

from pipeline.engines.all_or_nothing import all_or_nothing
from pipeline.engines.engine import RequestTooLargeError
from pipeline.engines.frames import Frame

Incoming = TypeVar("Incoming")

LENGTH_BYTES = 4
"""Each frame is its length, unsigned and little-endian, and so many bytes of msgpack."""
LONGEST_FRAME = 8 << 20
"""Bytes. No clause and no piece of sound comes near it; a longer one is refused before it is sent."""
CLOSE_LIMIT_S = 0.5
"""Seconds that a closed channel still tries to get rid of what was sent."""


class Channel(Generic[Incoming]):
    """Sends frames and iterates over those that come, until the other side is gone.

    Ordered, and nothing is lost while both live. Anyone may send; one reader.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, incoming: Any) -> None:
        self._reader = reader
        self._writer = writer
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Incoming] = msgspec.msgpack.Decoder(incoming)

    @classmethod
    async def over(cls, sock: socket.socket, incoming: Any) -> "Channel[Incoming]":
        """Take over a connected socket. `incoming` is the union of the frames that the other side sends."""
        sock.setblocking(False)
        try:
            reader, writer = await all_or_nothing(asyncio.open_unix_connection(sock=sock), _close)
        except BaseException:
            sock.close()
            raise
        return cls(reader, writer, incoming)

    def send(self, frame: Frame) -> None:
        """Write a frame, as far as the socket takes it; the rest waits in memory (`drained` waits for it).

        Nothing happens when the other side is gone: the iteration tells.

        Raises:
            RequestTooLargeError: longer than `LONGEST_FRAME`.
        """
        payload = self._encoder.encode(frame)
        if len(payload) > LONGEST_FRAME:
            raise RequestTooLargeError(f"{len(payload)} bytes, where {LONGEST_FRAME} are taken at once")
        if not self._writer.is_closing():
            self._writer.write(len(payload).to_bytes(LENGTH_BYTES, "little") + payload)

    async def drained(self) -> None:
        """Wait while the other side is slow to read. Returns at once when it is gone."""
        try:
            await self._writer.drain()
        except OSError:
            return

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Incoming:
        try:
            length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "little")
            if length > LONGEST_FRAME:
                raise StopAsyncIteration
            return self._decoder.decode(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            raise StopAsyncIteration from None

    async def close(self) -> None:
        """Close the socket, once what was sent has gone out, or the other side has not read it for a while.

        Harmless twice.
        """
        await _close((self._reader, self._writer))


async def _close(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    _, writer = streams
    writer.close()
    # A task, because cancelling `wait_closed` would break it for the next who waits.
    closing = asyncio.ensure_future(writer.wait_closed())
    await asyncio.wait([closing], timeout=CLOSE_LIMIT_S)
    if not closing.done():
        writer.transport.abort()
        await asyncio.wait([closing])
    closing.exception()  # that the other side went first is no news
