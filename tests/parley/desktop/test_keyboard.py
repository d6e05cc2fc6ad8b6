"""What types on this computer."""

import io
import sys
from types import SimpleNamespace

import pytest

from parley.desktop.keyboard import KeyboardError, Paper, PynputKeyboard, keyboard, limits


def test_paper_has_a_line_for_each_clause() -> None:
    """For other programs to read; one that is gone is told."""
    out = io.StringIO()
    paper = Paper(out)
    for text in ("uno", " dos"):
        paper.type(text)
    paper.close()
    assert out.getvalue() == "uno\ndos\n"
    out.close()
    with pytest.raises(KeyboardError, match="nobody reads"):
        paper.type("tres")


@pytest.mark.parametrize(
    ("environment", "words"), [({}, "no desktop here"), ({"WAYLAND_DISPLAY": "wayland-0"}, "Wayland lets no program")]
)
def test_where_nothing_can_be_typed_it_says_so(environment: dict[str, str], words: str) -> None:
    """And that it can be printed."""
    with pytest.raises(KeyboardError, match=f"{words}.*--print"):
        keyboard("linux", environment)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_pynput_types(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    """Any text; what the system refuses is told."""
    typed: list[str] = []
    monkeypatch.setitem(
        sys.modules,
        "pynput.keyboard",
        SimpleNamespace(Controller=lambda: SimpleNamespace(type=typed.append)),
    )
    made = keyboard(platform, {})
    assert isinstance(made, PynputKeyboard)
    made.type("ñ漢😀")
    made.close()
    assert typed == ["ñ漢😀"]

    def refuse(text: str) -> None:
        raise PermissionError("not allowed")

    made._controller.type = refuse
    with pytest.raises(KeyboardError, match="not allowed"):
        made.type("x")


def test_limits_are_said_plainly() -> None:
    """Where there are any."""
    assert "Accessibility" in limits("darwin", {})
    assert "administrator" in limits("win32", {})
    assert "XWayland" in limits("linux", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"})
    assert limits("linux", {"DISPLAY": ":0"}) == ""
