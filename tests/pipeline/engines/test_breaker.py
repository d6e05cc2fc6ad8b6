"""Whether something that failed is asked again."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.breaker import SETTLED_S, TRIAL_S, Breaker


def breaker() -> Breaker:
    return Breaker(failures=2, first_s=2, most_s=8)


def fail(breaker: Breaker, now_s: float) -> None:
    breaker.failed(now_s, trial=breaker.begin(now_s))


def succeed(breaker: Breaker, now_s: float) -> None:
    breaker.succeeded(now_s, trial=breaker.begin(now_s))


def test_one_failure_opens_nothing() -> None:
    """Nor do many, with an answer between any two."""
    it = breaker()
    for now_s in range(10):
        fail(it, now_s)
        assert it.closed
        succeed(it, now_s)


def test_failures_in_a_row_open_it_for_a_while() -> None:
    """Nothing is let through, and then one trial."""
    it = breaker()
    fail(it, 10)
    fail(it, 10)
    assert it.open(11.9)
    assert not it.admits(11.9)
    assert it.left_s(11.5) == 0.5
    assert it.admits(12)
    assert it.begin(12)
    assert not it.admits(12), "somebody tries already"
    assert not it.closed, "nobody knows yet"


def test_a_trial_that_succeeds_closes_it() -> None:
    """Everything is let through again."""
    it = breaker()
    fail(it, 0)
    fail(it, 0)
    succeed(it, 2)
    assert it.closed
    assert it.admits(2)


def test_pauses_double_up_to_the_most() -> None:
    """As long as each trial fails."""
    it, now_s, pauses = breaker(), 0.0, []
    fail(it, now_s)
    for _ in range(4):
        fail(it, now_s)
        pauses.append(it.left_s(now_s))
        now_s += it.left_s(now_s)
    assert pauses == [2, 4, 8, 8]


def test_who_fails_again_soon_has_not_recovered() -> None:
    """The pause goes on growing; after a while of being well it begins anew."""
    it = breaker()
    fail(it, 0)
    fail(it, 0)
    succeed(it, 2)
    fail(it, 3)
    fail(it, 3)
    assert it.left_s(3) == 4
    succeed(it, 7)
    fail(it, 7 + SETTLED_S)
    fail(it, 7 + SETTLED_S)
    assert it.left_s(7 + SETTLED_S) == 2


def test_it_is_held_open_for_as_long_as_it_is_told() -> None:
    """A shorter time does not shorten it; then a trial decides."""
    it = breaker()
    it.hold(0, 30)
    it.hold(1, 5)
    assert it.open(29.9)
    assert it.admits(30)
    fail(it, 30)
    assert it.open(31)


def test_what_began_before_it_opened_counts_for_nothing() -> None:
    """An answer that comes late closes nothing, and a failure that comes late does not lengthen the pause."""
    it = breaker()
    late = it.begin(0)
    fail(it, 0)
    fail(it, 0)
    it.succeeded(1, trial=late)
    assert it.open(1)
    it.failed(1.5, trial=late)
    assert it.left_s(1.5) == 0.5


def test_a_trial_that_is_left_makes_room_for_the_next() -> None:
    """Nobody learnt anything."""
    it = breaker()
    fail(it, 0)
    fail(it, 0)
    it.left(trial=it.begin(2))
    assert it.admits(2)


def test_a_trial_that_never_ends_is_given_up() -> None:
    """Whoever began it is gone."""
    it = breaker()
    fail(it, 0)
    fail(it, 0)
    assert it.begin(2)
    assert not it.admits(TRIAL_S + 1.9)
    assert it.admits(TRIAL_S + 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans())))
def test_it_never_stays_open_for_longer_than_the_most(requests: list[tuple[int, bool]]) -> None:
    """Whatever comes of requests that keep to it, it lets one through in at most that time."""
    it, now_s = breaker(), 0.0
    for wait_s, answered in requests:
        now_s += wait_s
        if it.admits(now_s):
            (succeed if answered else fail)(it, now_s)
        assert it.left_s(now_s) <= 8
    assert it.admits(now_s + 8)
