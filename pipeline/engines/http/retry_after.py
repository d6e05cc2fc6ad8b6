"""How long a server asks to be left alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_S = 3_600.0
"""Whatever a server says, it is asked again after this many seconds."""


def retry_after_s(header: str | None, now: datetime | None = None) -> float:
    """Read the header field Retry-After, RFC 9110 section 10.2.3: seconds, or a date. 0 if there is none, or no sense.

    Args:
        header: its value; None if the answer had none.
        now: the time to count from, if it is a date; the present by default.
    """
    text = (header or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():  # some servers send fractions
        return min(float(text), MOST_S)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if then.tzinfo is None:  # "-0000": a time of unknown zone, which HTTP's are not
        then = then.replace(tzinfo=UTC)
    return min(max(0.0, (then - (now or datetime.now(UTC))).total_seconds()), MOST_S)
