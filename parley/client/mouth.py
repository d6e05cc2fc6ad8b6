"""What is to be said, 20 ms after 20 ms, whichever connection takes it."""

import asyncio
import time
from collections.abc import Sequence

from parley.client.heard import Said
from parley.client.opus import PACKET_MS, SILENCE

TAIL = (SILENCE,) * 10
"""Behind everything said, as encoders send 200 ms of silence before they go over to resting."""


class Mouth:
    """One thing is said at a time; who wants to say another waits. What nobody takes waits, and is not dropped."""

    def __init__(self) -> None:
        self._unsaid: Sequence[bytes] = ()
        self._at = 0
        # Of the packets, without the silence behind them.
        self._length = 0
        # Set while there is something to say.
        self.opened = asyncio.Event()
        self._said: asyncio.Future[float] | None = None
        self._began = 0.0
        self._turn = asyncio.Lock()
        # Once there is nobody any more who takes anything.
        self._error: BaseException | None = None

    async def say(self, packets: Sequence[bytes]) -> Said:
        """Say some packets, and wait until they are said. Cancelled, the rest is not said.

        Raises:
            ClientError: the call has ended.
        """
        async with self._turn:
            if self._error is not None:
                raise self._error
            self._unsaid, self._at = (*packets, *TAIL), 0
            said = self._said = asyncio.get_running_loop().create_future()
            self._length = len(packets)
            self._began = 0.0
            self.opened.set()
            try:
                ended = await said
            finally:
                self._stop()
            return Said(self._began, ended)

    def take(self) -> bytes | None:
        """Give the next packet as it leaves; None in a pause."""
        if self._at >= len(self._unsaid):
            return None
        packet = self._unsaid[self._at]
        self._at += 1
        now = time.monotonic()
        if self._at == 1:
            # A packet leaves when its last sample has been spoken.
            self._began = now - PACKET_MS / 1000
        if self._at == self._length and self._said is not None and not self._said.done():
            self._said.set_result(now)
        if self._at == len(self._unsaid):
            self.opened.clear()
        return packet

    def end(self, error: BaseException) -> None:
        """Let whoever says something, now or later, know that it will not be said."""
        self._error = self._error or error
        if self._said is not None and not self._said.done():
            self._said.set_exception(error)

    def _stop(self) -> None:
        """Leave the tail of what was said to be sent, but nothing else."""
        if self._said is not None and (self._said.cancelled() or self._at < self._length):
            self._unsaid, self._at = (), 0
            self.opened.clear()
