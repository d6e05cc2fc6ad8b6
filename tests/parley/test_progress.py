"""Telling how far a download has come."""

import io

from parley.progress import Progress, bar


class Terminal(io.StringIO):
    """Where somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_fills_up() -> None:
    """From empty to full; without a total there is only a number."""
    assert bar(0, 10_000_000) == f"[{'.' * 24}]   0%  0.0 MB of 10.0 MB"
    assert bar(10_000_000, 10_000_000) == f"[{'#' * 24}] 100%  10.0 MB of 10.0 MB"
    assert bar(2_500_000, None) == "2.5 MB"


def test_on_a_terminal_one_line_moves() -> None:
    """It is drawn over, ten times a second at most, and ends when the file is whole."""
    out, now = Terminal(), iter([0.0, 0.05, 0.2, 0.3])
    progress = Progress(out, lambda: next(now))
    for done in (1, 2, 3, 4):
        progress.tell("model.bin", done * 1_000_000, 4_000_000)
    lines = out.getvalue().split("\r")[1:]
    assert [line.split("%")[0][-3:] for line in lines] == [" 25", " 75", "100"]
    assert out.getvalue().endswith("\n")
    assert out.getvalue().count("\n") == 1


def test_elsewhere_a_line_is_written_now_and_then() -> None:
    """Every 5 s, and when the file is whole."""
    out, now = io.StringIO(), iter([0.0, 1.0, 6.0, 6.1])
    progress = Progress(out, lambda: next(now))
    for done in (1, 2, 3, 4):
        progress.tell("model.bin", done, 4)
    assert len(out.getvalue().splitlines()) == 3
    assert "\r" not in out.getvalue()


def test_what_was_broken_off_leaves_no_half_line() -> None:
    """The error stands on a line of its own."""
    out = Terminal()
    progress = Progress(out)
    progress.tell("model.bin", 1, 4)
    progress.end()
    progress.end()
    assert out.getvalue().endswith("\n")
    assert out.getvalue().count("\n") == 1
