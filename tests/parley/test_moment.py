"""Moments as people write them."""

from datetime import UTC, datetime

import pytest

from parley.moment import parse_moment

NOW_MS = 1_700_000_000_000


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("10m", 600), ("2h", 7_200), (" 1d ", 86_400)])
def test_a_span_is_that_long_ago(text: str, seconds: int) -> None:
    """Seconds, minutes, hours or days."""
    assert parse_moment(text, NOW_MS) == NOW_MS - seconds * 1000


def test_a_date_is_itself() -> None:
    """With its zone, or in this machine's."""
    assert parse_moment("2026-01-31T12:00+01:00", NOW_MS) == datetime(2026, 1, 31, 11, tzinfo=UTC).timestamp() * 1000
    assert parse_moment("2026-01-31", NOW_MS) == datetime(2026, 1, 31).astimezone().timestamp() * 1000


@pytest.mark.parametrize("text", ["", "soon", "10", "m", "2026-13-01"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    """In one line."""
    with pytest.raises(ValueError, match="write 10m or 2h"):
        parse_moment(text, NOW_MS)
