"""When a sample was spoken."""

DRIFT = 0.001
"""Seconds a second by which a sender's clock may run behind ours."""


class StreamClock:
    """Maps positions in a stream of sound to the node's monotonic time.

    Packets jitter, and only ever arrive late; so the one that took least says where the stream stands. That bound is
    let go slowly, since clocks drift. Hence after a lasting rise of the network's delay (another network, a full queue)
    the sound is behind the bound for minutes: what is missing must be judged by `arriving`, not by the bound.
    """

    def __init__(self) -> None:
        self._origin: float | None = None
        self._position = 0.0
        # How much longer than the bound the newest packet took, in seconds.
        self._lag = 0.0

    def observe(self, position: float, arrived: float) -> None:
        """Learn that the sound up to this position (seconds) had arrived at this time (monotonic seconds).

        In the order of positions: the last one observed is the newest.
        """
        origin = arrived - position
        if self._origin is not None:
            origin = min(origin, self._origin + DRIFT * max(0.0, position - self._position))
        self._origin, self._position = origin, position
        self._lag = arrived - self.at(position)

    def at(self, position: float) -> float:
        """When this position (seconds) was spoken, in monotonic seconds; 0 origin before anything was observed."""
        return (self._origin or 0.0) + position

    def arriving(self, now: float) -> float:
        """When sound was spoken that arrives now (monotonic seconds), should it take as long as the newest packet."""
        return now - self._lag

    def reset(self) -> None:
        """Forget the stream: a new one begins."""
        self._origin, self._position, self._lag = None, 0.0, 0.0
