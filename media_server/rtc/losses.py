"""How much of one source was lost lately. Pure."""

from collections import deque

LATELY_S = 8.0
"""Seconds that count: some five reports of a browser's."""
LEAST = 100
"""Packets of which a share is taken at least: in silence some three come a second (DTX), and one lost says little."""


class Losses:
    """Takes running totals, as reports have them."""

    def __init__(self) -> None:
        # When, and the totals: packets that should have come, and that did not.
        self._points: deque[tuple[float, int, int]] = deque()

    def total(self, expected: int, lost: int, now: float) -> None:
        """Take the totals of this moment; `now` in seconds of any steady clock. Fewer than before: it began anew."""
        points = self._points
        if points and expected < points[-1][1]:
            points.clear()
        points.append((now, expected, lost))
        while len(points) > 2 and now - points[1][0] > LATELY_S:
            points.popleft()

    def share(self, now: float) -> float | None:
        """Give what was lost lately as a share, 0 to 1; None if nothing was reported."""
        points = self._points
        if len(points) < 2 or now - points[-1][0] > LATELY_S:
            return None
        (_, expected_before, lost_before), (_, expected, lost) = points[0], points[-1]
        return min(1.0, max(0, lost - lost_before) / max(LEAST, expected - expected_before))
