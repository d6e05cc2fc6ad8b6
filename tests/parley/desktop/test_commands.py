"""Lines of the terminal."""

import pytest

from parley.desktop.commands import HELP, Command, help_text, parse


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("speak es", Command("speak", "es")),
        ("  READ  pt-BR ", Command("read", "pt-BR")),
        ("read spoken", Command("read", "spoken")),
        ("pause", Command("pause")),
        ("q", Command("quit")),
        ("exit", Command("quit")),
        ("?", Command("help")),
        ("", Command("help")),
    ],
)
def test_a_line_is_read(line: str, command: Command) -> None:
    """Whatever its spaces and capitals."""
    assert parse(line) == command


@pytest.mark.parametrize("line", ["speak", "speak es fr", "read", "pause now", "dance", "speak " + "x" * 65])
def test_what_is_none_is_told(line: str) -> None:
    """With what to write."""
    with pytest.raises(ValueError, match=r"`(speak|read) es`|`help`"):
        parse(line)


def test_the_help_explains_all_that_is_understood() -> None:
    """And nothing else."""
    for line in HELP:
        assert parse(line.replace("TAG", "es")).verb == line.split()[0]
        assert line in help_text()
