"""When the bus is given up, and when it is trusted again."""

from media_server.breaker import Breaker, BreakerState


def opened() -> Breaker:
    breaker = Breaker(1.5)
    assert not breaker.failed(10.0, 11.0)
    assert breaker.failed(11.2, 11.6)
    return breaker


def test_it_opens_when_everything_has_failed_for_a_while() -> None:
    """Counted from the beginning of the first attempt that failed."""
    breaker = Breaker(1.5)
    assert not breaker.failed(10.0, 11.0)
    assert not breaker.failed(11.2, 11.4)
    assert breaker.closed
    assert breaker.failed(11.4, 11.5)
    assert breaker.state is BreakerState.OPEN


def test_one_slow_attempt_is_enough_if_it_is_slow_enough() -> None:
    """A bus that hangs need not be asked twice."""
    assert Breaker(1.5).failed(10.0, 11.5)


def test_one_that_works_forgives_those_that_failed() -> None:
    """Failures count only while nothing works."""
    breaker = Breaker(1.5)
    breaker.failed(10.0, 11.0)
    assert not breaker.succeeded()
    assert not breaker.failed(11.0, 12.0)
    assert breaker.closed


def test_a_trial_that_works_closes_it() -> None:
    """And is told once."""
    breaker = opened()
    breaker.probe()
    assert (breaker.state, breaker.closed) == (BreakerState.HALF_OPEN, False)
    assert [breaker.succeeded(), breaker.succeeded()] == [True, False]
    assert breaker.closed


def test_a_trial_that_fails_opens_it_at_once() -> None:
    """The patience was for a bus that had worked."""
    breaker = opened()
    breaker.probe()
    assert breaker.failed(20.0, 20.0)
    assert breaker.state is BreakerState.OPEN
    assert not breaker.failed(21.0, 21.0), "it was open already"


def test_a_closed_one_needs_no_trial() -> None:
    """Asking for one changes nothing."""
    breaker = Breaker(1.5)
    breaker.probe()
    assert breaker.closed
