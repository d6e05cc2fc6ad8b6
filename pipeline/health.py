"""Whether a worker calls itself healthy. No I/O."""


class Health:
    """Sick after some failures in a row, until one success or some time without a failure.

    The time matters: nodes send nothing to a sick worker, so no success would ever come.
    """

    def __init__(self, *, sick_after: int, sick_for_ms: float) -> None:
        self._sick_after = sick_after
        self._sick_for_ms = sick_for_ms
        self._failures = 0
        self._failed_at_ms = 0
        self.reason = ""

    def succeeded(self) -> None:
        self._failures = 0
        self.reason = ""

    def failed(self, now_ms: int, reason: str) -> None:
        """Note a failure; `reason` is for people."""
        self._failures += 1
        self._failed_at_ms = now_ms
        self.reason = reason

    def healthy(self, now_ms: int) -> bool:
        return self._failures < self._sick_after or now_ms - self._failed_at_ms >= self._sick_for_ms
