"""One request to an engine of a chain."""

from typing import Protocol

from pipeline.engines.engine import EngineError


class Judge(Protocol):
    """Who is told what came of it: a rung. The flags say of which of its two breakers it was the trial."""

    def succeeded(self, *, whole: bool, own: bool) -> None: ...
    def failed(self, error: EngineError, *, whole: bool, own: bool) -> None: ...
    def left(self, *, whole: bool, own: bool) -> None: ...


class Attempt:
    """Has one end, and the first that is told counts. A trial that is told none blocks the next one for a minute."""

    def __init__(self, judge: Judge, *, whole: bool, own: bool) -> None:
        """Use `Rung.begin`."""
        self._judge = judge
        self._whole = whole
        self._own = own
        self._over = False

    def succeeded(self) -> None:
        """End: it was answered."""
        if self._ends():
            self._judge.succeeded(whole=self._whole, own=self._own)

    def failed(self, error: EngineError) -> None:
        """End: it was not, and why."""
        if self._ends():
            self._judge.failed(error, whole=self._whole, own=self._own)

    def left(self) -> None:
        """End: nobody waited for the answer."""
        if self._ends():
            self._judge.left(whole=self._whole, own=self._own)

    def _ends(self) -> bool:
        over, self._over = self._over, True
        return not over
