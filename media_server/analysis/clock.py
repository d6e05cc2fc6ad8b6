"""When a sample was spoken."""

DRIFT = 0.001
"""Seconds a second by which a sender's clock may run behind ours."""


class StreamClock:
    """Maps positions in a stream of sound to the node's monotonic time.

    Packets jitter, and only ever arrive late; so the one that took least says where the stream stands. That bound is
    let go slowly, since clocks drift.
    """

    def __init__(self) -> None:
        self._origin: float | None = None
        self._position = 0.0

    def observe(self, position: float, arrived: float) -> None:
        """Learn that the sound up to this position (seconds) had arrived at this time (monotonic seconds)."""
        origin = arrived - position
        if self._origin is not None:
            origin = min(origin, self._origin + DRIFT * max(0.0, position - self._position))
        self._origin, self._position = origin, position

    def at(self, position: float) -> float:
        """When this position (seconds) was spoken, in monotonic seconds; 0 origin before anything was observed."""
        return (self._origin or 0.0) + position

    def reset(self) -> None:
        """Forget the stream: a new one begins."""
        self._origin, self._position = None, 0.0
