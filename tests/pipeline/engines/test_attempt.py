"""One request to an engine of a chain."""

from pipeline.engines.attempt import Attempt
from pipeline.engines.engine import EngineError


class Court:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool, bool]] = []

    def succeeded(self, *, whole: bool, own: bool) -> None:
        self.told.append(("succeeded", whole, own))

    def failed(self, error: EngineError, *, whole: bool, own: bool) -> None:
        self.told.append((error.kind, whole, own))

    def left(self, *, whole: bool, own: bool) -> None:
        self.told.append(("left", whole, own))


def test_the_first_end_counts() -> None:
    """What is told later is not passed on."""
    court = Court()
    attempt = Attempt(court, whole=True, own=False)
    attempt.succeeded()
    attempt.failed(EngineError())
    attempt.left()
    assert court.told == [("succeeded", True, False)]


def test_every_end_says_which_trial_it_was() -> None:
    """A failure comes with its error."""
    court = Court()
    Attempt(court, whole=False, own=True).failed(EngineError())
    Attempt(court, whole=False, own=False).left()
    assert court.told == [("failed", False, True), ("left", False, False)]
