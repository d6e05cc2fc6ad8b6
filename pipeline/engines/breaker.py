"""Whether something that failed is asked again. No I/O, and no clock: the time is given, in seconds of any clock."""

TRIAL_S = 60.0
"""A trial that came to no end in this time is taken for lost, and the next one may begin; longer than any request."""
SETTLED_S = 30.0
"""What failed again sooner than this after it was taken back in has not recovered: its pauses go on growing."""


class Breaker:
    """A circuit breaker: closed, it lets everything through; open, nothing; half-open, one trial, which decides.

    It opens after some failures in a row, for a pause that doubles with each trial that fails, or for as long as it
    is told (`hold`). When the pause is over it is half-open; a trial that succeeds closes it. What was begun before it
    opened, and ends after, counts for nothing.
    """

    def __init__(self, *, failures: int, first_s: float, most_s: float) -> None:
        """`failures` in a row open it, for `first_s` seconds at first and at most `most_s`."""
        self._limit = failures
        self._first_s = first_s
        self._most_s = most_s
        self._failures = 0
        # The last pause, in seconds; 0 before the first.
        self._pause_s = 0.0
        # When the pause ends; None while it is closed.
        self._until_s: float | None = None
        # When the trial in work began; None if there is none.
        self._trial_s: float | None = None
        # When it was closed by a trial.
        self._closed_s = 0.0

    @property
    def closed(self) -> bool:
        """Whether all is well, as far as is known."""
        return self._until_s is None

    def open(self, now_s: float) -> bool:
        """Whether the pause goes on."""
        return self._until_s is not None and now_s < self._until_s

    def left_s(self, now_s: float) -> float:
        """Give the seconds of the pause that are left; 0 if there is none."""
        return 0.0 if self._until_s is None else max(0.0, self._until_s - now_s)

    def admits(self, now_s: float) -> bool:
        """Whether a request may be sent: it is closed, or the pause is over and nobody tries yet."""
        return self.closed or not (self.open(now_s) or self._tried(now_s))

    def begin(self, now_s: float) -> bool:
        """Note that a request is sent, admitted or not. Says whether it is the trial; its end must be told."""
        if self.closed or not self.admits(now_s):
            return False
        self._trial_s = now_s
        return True

    def succeeded(self, now_s: float, *, trial: bool) -> None:
        """End a request that was answered."""
        if trial or self.closed:
            self._failures = 0
        if trial:
            self._until_s = self._trial_s = None
            self._closed_s = now_s

    def failed(self, now_s: float, *, trial: bool) -> None:
        """End a request that failed."""
        if not (trial or self.closed):
            return
        self._failures += 1
        if trial or self._failures >= self._limit:
            lasted = self.closed and now_s - self._closed_s >= SETTLED_S
            self._pause_s = min(max(self._first_s, 0.0 if lasted else 2 * self._pause_s), self._most_s)
            self._until_s = now_s + self._pause_s
            self._trial_s = None

    def left(self, *, trial: bool) -> None:
        """End a request of which nobody learnt whether it would have been answered."""
        if trial:
            self._trial_s = None

    def hold(self, now_s: float, seconds: float) -> None:
        """Open for at least so long from now."""
        self._until_s = max(self._until_s or 0.0, now_s + seconds)
        self._trial_s = None

    def _tried(self, now_s: float) -> bool:
        return self._trial_s is not None and now_s - self._trial_s < TRIAL_S
