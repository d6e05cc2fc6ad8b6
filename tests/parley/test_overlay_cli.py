"""`parley overlay`: what it is told."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from parley.cli import app
from parley.desktop import ready
from parley.desktop.capture import Ear
from parley.desktop.look import Look
from parley.desktop.session import Wishes


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Wishes, Look]]:
    """Stand in for the program with a window; ends with 3."""
    made: list[tuple[Wishes, Look]] = []

    def run(wishes: Wishes, look: Look, **_: Any) -> int:
        made.append((wishes, look))
        return 3

    monkeypatch.setitem(sys.modules, "parley.desktop.app", SimpleNamespace(run=run))
    monkeypatch.setattr(ready, "prepare_qt", lambda: None)
    for name in ("PARLEY_TOKEN", "PARLEY_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return made


def test_what_it_is_told_becomes_wishes_and_a_look(runs: list[tuple[Wishes, Look]]) -> None:
    """Each flag is one part of them; the exit code is the program's."""
    flags = (
        "--language es --dual --size 50 --lines 3 --position top --screen 2 --width 0.5 --background 0 --opacity 0.7"
    )
    result = CliRunner().invoke(app, ["overlay", "https://p.example/r/demo", *flags.split()])
    assert result.exit_code == 3, result.output
    assert runs == [(Wishes("https://p.example", "demo", reads="es"), Look(50, 0.0, 0.7, 3, True, "top", 2, 0.5))]


def test_this_computers_sound_is_captioned_as_it_is_said(runs: list[tuple[Wishes, Look]]) -> None:
    """Unless a language is given."""
    for more, reads in (((), None), (("--language", "fr"), "fr")):
        CliRunner().invoke(app, ["overlay", "--system", "--device", "HDMI", "--speak", "en", *more])
        wishes = runs[-1][0]
        assert (wishes.ear, wishes.speaks, wishes.reads) == (Ear("system", "HDMI"), "en", reads)


@pytest.mark.parametrize(
    ("arguments", "words"), [(("--position", "left", "--system"), "top or bottom"), ((), "which captions?")]
)
def test_what_it_cannot_do_ends_with_2(runs: list[tuple[Wishes, Look]], arguments: tuple[str, ...], words: str) -> None:
    """With what it can."""
    result = CliRunner().invoke(app, ["overlay", *arguments])
    assert result.exit_code == 2
    assert words in result.output
    assert runs == []
