from datetime import UTC, datetime

import pytest

from pipeline.engines.http.retry_after import MOST_S, retry_after_s

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("soon", 0),
        ("９", 0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30),
        ("Thursday, 01-Jan-26 12:00:30 GMT", 30),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0),
        ("Thu, 01 Jan 2026 12:00:30 -0000", 30),
        ("999999999", MOST_S),
        ("Thu, 01 Jan 2027 12:00:00 GMT", MOST_S),
    ],
)
def test_it_is_seconds_or_a_date(header: str | None, seconds: float) -> None:
    """Whatever else it says counts as nothing, and nobody is made to wait for years."""
    assert retry_after_s(header, NOW) == seconds


def test_a_date_counts_from_now() -> None:
    """A date long past asks for no time at all."""
    assert retry_after_s("Thu, 01 Jan 1998 12:00:00 GMT") == 0
