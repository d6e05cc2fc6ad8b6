"""Moments as people write them."""

import re
from datetime import datetime

_AGO = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def parse_moment(text: str, now_ms: int) -> int:
    """Read `10m` (ago; also s, h, d), or a date and time as ISO 8601, local where it names no zone. Epoch milliseconds.

    Raises:
        ValueError: it is neither. As text: what to write.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return now_ms - int(ago[1]) * _SECONDS[ago[2]] * 1000
    try:
        return int(datetime.fromisoformat(text.strip()).timestamp() * 1000)
    except ValueError:
        raise ValueError(f"{text!r} is no moment: write 10m or 2h (ago), or 2026-01-31T12:00+01:00") from None
