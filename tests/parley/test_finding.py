"""A finding of the doctor."""

from parley.finding import Finding


def test_a_finding_without_a_remedy_needs_nothing_done() -> None:
    """The remedy is empty unless one is given."""
    assert Finding("Python", "ok", "3.11").remedy == ""
