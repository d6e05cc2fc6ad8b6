"""Whether a worker calls itself healthy."""

from pipeline.health import Health


def test_three_failures_in_a_row_make_it_sick_and_one_success_well() -> None:
    """The reason is that of the last failure."""
    health = Health(sick_after=3, sick_for_ms=10_000)
    for at_ms in (1, 2):
        health.failed(at_ms, "first")
    assert health.healthy(2)
    health.failed(3, "third")
    assert (health.healthy(3), health.reason) == (False, "third")
    health.succeeded()
    assert (health.healthy(3), health.reason) == (True, "")


def test_it_is_given_another_chance_after_a_while() -> None:
    """And is sick again at the next failure."""
    health = Health(sick_after=1, sick_for_ms=10_000)
    health.failed(0, "why")
    assert [health.healthy(at_ms) for at_ms in (9_999, 10_000)] == [False, True]
    health.failed(10_000, "why")
    assert not health.healthy(10_001)
