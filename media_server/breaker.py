"""Whether the bus is worth trying: no I/O, and no clock of its own."""

from enum import StrEnum


class BreakerState(StrEnum):
    """What is known of the bus."""

    # It works, or has failed for so short a time that it is tried again.
    CLOSED = "closed"
    # It does not work: nothing is sent.
    OPEN = "open"
    # It may work again: what comes now is the trial.
    HALF_OPEN = "half_open"


class Breaker:
    """Opens once every attempt has failed for `patience_s`; a trial that works closes it, one that fails opens it.

    Times are monotonic seconds.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self.state = BreakerState.CLOSED
        # When the first of the attempts began that have failed since the last that worked.
        self._failing_since: float | None = None

    @property
    def closed(self) -> bool:
        """Whether all is well."""
        return self.state is BreakerState.CLOSED

    def succeeded(self) -> bool:
        """Note an attempt that worked. Says whether that closes it."""
        closes = not self.closed
        self.state = BreakerState.CLOSED
        self._failing_since = None
        return closes

    def failed(self, began: float, now: float) -> bool:
        """Note an attempt that began then and has failed now. Says whether that opens it."""
        if self._failing_since is None:
            self._failing_since = began
        if self.closed and now - self._failing_since < self._patience_s:
            return False
        opens = self.state is not BreakerState.OPEN
        self.state = BreakerState.OPEN
        return opens

    def probe(self) -> None:
        """Let what comes next be a trial, if it is open."""
        if self.state is BreakerState.OPEN:
            self.state = BreakerState.HALF_OPEN
