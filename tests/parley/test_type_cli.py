"""`parley type`: what it is told. It runs in desktop/test_console.py and in tests/journeys/test_desktop.py."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from parley.cli import app
from parley.desktop import capture, console, keyboard, ready
from parley.desktop.capture import CaptureError, Ear
from parley.desktop.keyboard import KeyboardError, Paper
from parley.desktop.session import Wishes

Run = tuple[str, Wishes, Any]


class FakeKeyboard:
    """Nothing types here."""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Stand in for the programs with and without a window."""
    made: list[Run] = []

    def with_window(wishes: Wishes, look: object, *, keyboard: object, listen: object) -> int:
        made.append(("window", wishes, keyboard))
        return 0

    def in_terminal(wishes: Wishes, keyboard: object, *, listen: object) -> int:
        made.append(("terminal", wishes, keyboard))
        return 0

    monkeypatch.setitem(sys.modules, "parley.desktop.app", SimpleNamespace(run=with_window))
    monkeypatch.setattr(console, "run", in_terminal)
    monkeypatch.setattr(ready, "prepare_qt", lambda: None)
    monkeypatch.setattr(keyboard, "keyboard", FakeKeyboard)
    return made


@pytest.mark.parametrize(
    ("flags", "kind", "ear", "reads", "paper"),
    [
        ("", "terminal", Ear("microphone"), None, False),
        ("--microphone --device USB", "terminal", Ear("microphone", "USB"), None, False),
        ("--system --language fr", "terminal", Ear("system"), "fr", False),
        ("--interim-window", "window", Ear("microphone"), None, False),
        ("--print", "terminal", Ear("microphone"), None, True),
    ],
)
def test_what_it_is_told_becomes_wishes(
    runs: list[Run], flags: str, kind: str, ear: Ear, reads: str | None, paper: bool
) -> None:
    """The microphone, as it is said, into the window in front, if nothing else is asked for."""
    result = CliRunner().invoke(app, ["type", "--speak", "en", *flags.split()])
    assert result.exit_code == 0, result.output
    [(where, wishes, made)] = runs
    assert (where, wishes.ear, wishes.speaks, wishes.reads) == (kind, ear, "en", reads)
    assert isinstance(made, Paper if paper else FakeKeyboard)


def test_where_nothing_can_be_typed_it_ends_with_1(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what to do."""

    def refuse() -> None:
        raise KeyboardError("there is no desktop here. Use --print")

    monkeypatch.setattr(keyboard, "keyboard", refuse)
    result = CliRunner().invoke(app, ["type"])
    assert result.exit_code == 1
    assert "--print" in result.output
    assert runs == []


def test_devices_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, those of each kind; or why there are none."""

    async def listed() -> list[dict[str, str]]:
        return [{"source": "system", "id": "a", "name": "Monitor of Speakers"}]

    monkeypatch.setattr(capture, "list_devices", listed)
    result = CliRunner().invoke(app, ["type", "--list-devices"])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["--microphone", "  (none)", "--system", "  Monitor of Speakers"]

    async def broken() -> list[dict[str, str]]:
        raise CaptureError("there is no sound system here")

    monkeypatch.setattr(capture, "list_devices", broken)
    result = CliRunner().invoke(app, ["type", "--list-devices"])
    assert result.exit_code == 1
    assert "no sound system" in result.output


def test_limits_of_this_desktop_are_said(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it begins."""
    monkeypatch.setattr(keyboard, "limits", lambda: "Only windows of X programs are reached.")
    assert "Only windows of X" in CliRunner().invoke(app, ["type"]).output
