"""Lines in, words out."""

import io
import signal

from parley.desktop.terminal import Terminal, read_lines


def test_the_same_is_said_once() -> None:
    """Until something else was; no words are nothing."""
    out = io.StringIO()
    terminal = Terminal(out)
    for words in ("lost", "lost", "", "here", "lost"):
        terminal.say(words)
    assert out.getvalue() == "lost\nhere\nlost\n"


def test_a_terminal_that_is_gone_is_no_matter() -> None:
    """The window is there without it."""
    out = io.StringIO()
    out.close()
    Terminal(out).say("lost")


def test_lines_are_read_to_the_end() -> None:
    """Empty ones are none. In the background of a shell, reading does not stop the process."""
    took: list[str] = []
    before = signal.getsignal(signal.SIGTTIN)
    try:
        read_lines(took.append, io.StringIO("pause\n\nspeak es\n")).join(5)
        assert signal.getsignal(signal.SIGTTIN) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTTIN, before)
    assert took == ["pause\n", "speak es\n"]
