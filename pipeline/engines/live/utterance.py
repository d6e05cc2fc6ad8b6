"""One utterance, heard by a provider over one WebSocket of its own."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.engines.engine import EngineError, EngineTimeoutError, RequestTooLargeError
from pipeline.engines.http.client import HttpClient
from pipeline.engines.http.socket import Socket, SocketClosedError
from pipeline.engines.live.dialect import Dialect, Message
from pipeline.engines.transcriber import Hypothesis

LONGEST_S = 120
"""Seconds of sound in one utterance, which is also what may wait for the connection: 3.8 MB. The segmenter cuts long
before; more is refused."""
BYTES_PER_SECOND = 32_000
GOODBYES = (1000, 1005)
"""Close codes of an orderly end: "normal", and none given (RFC 6455 section 7.4.1)."""


@dataclass(frozen=True)
class Patience:
    """How long a provider is waited for, in seconds."""

    # For the words of what was said until now; then a peek gives what is there.
    peek_s: float = 0.7
    # For the end, from the last sound on; then it is an error.
    finish_s: float = 5.0
    # After so much time without sound, the line is held.
    keep_alive_s: float = 4.0


class LiveUtterance:
    """A `Transcription`. The connection is opened at once, and sound waits for it.

    A connection that breaks is an error of the next call, and of all after it; nobody reconnects here, because the
    sound is kept by whoever asked. All that is abandoned closes the connection.
    """

    def __init__(self, client: HttpClient, dialect: Dialect, patience: Patience) -> None:
        """Begin. `task` runs until the connection is closed; whoever owns this waits for it."""
        self._client = client
        self._dialect = dialect
        self._patience = patience
        # Half a sample that waits for its other half.
        self._odd = b""
        self._heard_bytes = 0
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._ending = False
        self._over = False
        # Something came, or the connection ended.
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name="live utterance")
        self.task.add_done_callback(self._note_end)

    async def push(self, pcm: bytes) -> Hypothesis:
        self._check()
        self._heard_bytes += len(pcm)
        if self._heard_bytes > LONGEST_S * BYTES_PER_SECOND:
            raise RequestTooLargeError(f"an utterance of more than {LONGEST_S} s")
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = pcm[whole:]
        if whole:
            self._send(self._dialect.sound(pcm[:whole]))
        return self._dialect.hypothesis

    async def peek(self) -> Hypothesis:
        self._check()
        self._send(self._dialect.flush())
        try:
            async with asyncio.timeout(self._patience.peek_s):
                await self._until(lambda: self._dialect.flushed)
        except TimeoutError:
            pass  # a speculation that is late is worth less than one that is wrong
        self._check()
        return self._dialect.hypothesis

    async def finish(self) -> Hypothesis:
        self._check()
        self._over = True
        try:
            if self._heard_bytes > 1:
                await self._finish()
            else:
                await self._close()
        except BaseException:
            await self._close()
            raise
        return self._dialect.hypothesis

    async def abort(self) -> None:
        self._over = True
        await self._close()

    async def _finish(self) -> None:
        self._ending = True
        self._send(self._dialect.end())
        try:
            async with asyncio.timeout(self._patience.finish_s):
                await self._until(lambda: self._dialect.ended)
        except TimeoutError:
            raise EngineTimeoutError(f"{self._client.host} did not end in time") from None
        if not self._dialect.ended:
            self._raise_failure()

    async def _close(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])

    async def _until(self, is_so: Callable[[], bool]) -> None:
        while not (is_so() or self.task.done()):
            self._news.clear()
            await self._news.wait()

    def _check(self) -> None:
        if self._over:
            raise EngineError("the utterance is over")
        if self.task.done():
            self._raise_failure()
            raise EngineError(f"{self._client.host} ended too early")

    def _raise_failure(self) -> None:
        if not self.task.cancelled() and (failure := self.task.exception()):
            raise failure

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._news.set()
        if not task.cancelled():
            task.exception()  # the next call raises it; there may be none

    def _send(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._outbox.put_nowait(message)

    async def _run(self) -> None:
        async with self._client.socket(self._dialect.path, self._dialect.query) as socket:
            both = [asyncio.create_task(work) for work in (self._receive(socket), self._write(socket))]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()
                outcomes = await asyncio.gather(*both, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, Exception):
                    raise outcome

    async def _receive(self, socket: Socket) -> None:
        while not self._dialect.ended:
            try:
                message = await socket.receive()
            except SocketClosedError as closed:
                if self._ending and self._dialect.flushed and closed.code in GOODBYES:
                    return
                raise
            self._dialect.take(message)
            self._news.set()

    async def _write(self, socket: Socket) -> None:
        while True:
            try:
                async with asyncio.timeout(self._patience.keep_alive_s):
                    message = await self._outbox.get()
            except TimeoutError:
                self._send(self._dialect.keep_alive())
                continue
            if isinstance(message, bytes):
                await socket.send(message)
            else:
                await socket.tell(message)
