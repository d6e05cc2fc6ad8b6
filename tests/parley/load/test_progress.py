"""How far a run has come, for whoever watches."""

import io

from parley.load.diary import Diary
from parley.load.progress import DRAWN_EVERY_S, TOLD_EVERY_S, LoadProgress
from tests.fakes.clock import FakeClock
from tests.parley.load.people import seat


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(out: io.StringIO, every_s: float, times: int) -> str:
    clock = FakeClock()
    progress = LoadProgress(out, clock.now)
    diary = Diary()
    diary.joined(seat(0), 0.1)
    for _ in range(times):
        clock.advance(every_s)
        progress.tell(diary, 4, 1)
    progress.end()
    return out.getvalue()


def test_on_a_terminal_one_line_moves() -> None:
    """It is drawn over itself, and ends with a new line."""
    text = told(Terminal(), DRAWN_EVERY_S, 3)
    assert text.count("\r") == 3
    assert text.count("\n") == 1
    assert "1 of 4 in  1 talk  0 turns" in text


def test_elsewhere_a_line_now_and_then() -> None:
    """Not more often than each 5 s, and without anything to draw with."""
    text = told(io.StringIO(), TOLD_EVERY_S / 4, 10)
    assert text.count("\n") == 2
    assert "\r" not in text
