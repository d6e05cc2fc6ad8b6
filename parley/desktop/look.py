"""How the overlay looks and where it is. Pure."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Edge = Literal["top", "bottom"]

SIZES = (12, 160)
"""Least and most height of letters, in pixels."""
_STEP = 1.15


@dataclass(frozen=True)
class Look:
    """What can be chosen."""

    # Height of letters, in pixels that the screen's scale does not count in.
    size: int = 34
    # Of what is behind the letters: 0 nothing, 1 black.
    background: float = 0.6
    # Of everything.
    opacity: float = 1.0
    # Captions at a time.
    lines: int = 2
    # Both languages.
    dual: bool = False
    edge: Edge = "bottom"
    # Which screen, counted from 1.
    screen: int = 1
    # Of the screen's width.
    width: float = 0.8

    def bigger(self) -> "Look":
        """Give it with larger letters."""
        return replace(self, size=min(SIZES[1], round(self.size * _STEP)))

    def smaller(self) -> "Look":
        """Give it with smaller letters."""
        return replace(self, size=max(SIZES[0], round(self.size / _STEP)))


class Box(NamedTuple):
    """A rectangle of the desktop."""

    x: int
    y: int
    width: int
    height: int


def place(look: Look, screen: Box, height: int) -> Box:
    """Give where a window of this height goes: in the middle, a little away from its edge, never beyond the screen."""
    width = max(1, round(screen.width * min(1.0, max(0.1, look.width))))
    height = min(height, screen.height)
    margin = min(round(screen.height * 0.04), screen.height - height)
    y = screen.y + margin if look.edge == "top" else screen.y + screen.height - margin - height
    return Box(screen.x + (screen.width - width) // 2, y, width, height)


def keep_last(rows: list[int], most: int) -> list[int]:
    """Give how many rows of each caption are shown, at most `most` all in all; the newest is served first."""
    left, kept = most, []
    for count in reversed(rows):
        kept.append(min(count, left))
        left -= kept[-1]
    return kept[::-1]
