"""How many DTLS handshakes go on at once: each takes milliseconds of the loop's time, many at once everybody's."""

import asyncio
from collections.abc import Hashable

from prometheus_client import Counter, Gauge

_running = Gauge("parley_rtc_handshakes", "DTLS handshakes that are going on")
_waited = Counter("parley_rtc_handshakes_waited_total", "DTLS handshakes that had to wait for their turn")
_overstayed = Counter("parley_rtc_handshakes_overstayed_total", "DTLS handshakes that took longer than their turn")


class Handshakes:
    """Turns for a node's handshakes: so many at once, the rest wait in the order in which they came.

    A handshake that does not come to an end (the other side fell silent, or means ill) does not count any more after
    a while, though it goes on: else a few of them would keep everybody out. How many wait is bounded by how many
    connections there are; each is closed at its deadline.
    """

    def __init__(self, limit: int, turn: float) -> None:
        """Let `limit` run at once, each of which counts for `turn` seconds at most."""
        self._limit = limit
        self._turn = turn
        # Those that run, each with what ends its turn.
        self._running: dict[Hashable, asyncio.TimerHandle] = {}
        # Those that wait, the first one longest.
        self._waiting: dict[Hashable, asyncio.Future[None]] = {}

    async def begin(self, who: Hashable) -> None:
        """Wait for a turn. Not to be called again before `end`."""
        if len(self._running) < self._limit:
            self._run(who)
            return
        _waited.inc()
        turn = self._waiting[who] = asyncio.get_running_loop().create_future()
        try:
            await turn
        except asyncio.CancelledError:
            self.end(who)
            raise

    def end(self, who: Hashable) -> None:
        """Give the turn to the next one, or wait for it no longer. Idempotent."""
        turn = self._waiting.pop(who, None)
        if turn is not None and not turn.done():
            turn.set_result(None)
        timer = self._running.pop(who, None)
        if timer is None:
            return
        timer.cancel()
        _running.dec()
        while self._waiting and len(self._running) < self._limit:
            following = next(iter(self._waiting))
            turn = self._waiting.pop(following)
            if not turn.done():
                self._run(following)
                turn.set_result(None)

    def _run(self, who: Hashable) -> None:
        self._running[who] = asyncio.get_running_loop().call_later(self._turn, self._overstay, who)
        _running.inc()

    def _overstay(self, who: Hashable) -> None:
        _overstayed.inc()
        self.end(who)
