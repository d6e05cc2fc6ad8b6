"""The tray's menu."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from parley.desktop.commands import parse
from parley.desktop.menu import Languages, _Heard, _Spoken
from parley.desktop.tray import Tray, icon, language_name


def all_items(menu: QMenu) -> list[QAction]:
    found = []
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            found += all_items(inner)
        elif not action.isSeparator():
            found.append(action)
    return found


def test_each_item_is_a_command(qt: QApplication) -> None:
    """As the terminal has it; the languages are the server's."""
    done: list[str] = []
    tray = Tray(done.append, has_ear=True, has_window=True)
    tray.offer(Languages((_Spoken("en"), _Spoken("ca", recognised=False)), (_Heard("es"), _Heard("fr"))))
    items = all_items(tray.menu)
    for item in items:
        item.trigger()
    assert len(done) == len(items)
    for line in done:
        parse(line)
    assert {"speak en", "speak auto", "read es", "read fr", "read spoken", "pause", "move", "quit"} <= set(done)
    assert "speak ca" not in done


def test_who_only_reads_has_nothing_to_pause(qt: QApplication) -> None:
    """Nor a language to speak."""
    done: list[str] = []
    tray = Tray(done.append, has_ear=False, has_window=False)
    for item in all_items(tray.menu):
        item.trigger()
    assert done == ["read spoken", "quit"]


def test_a_pause_is_taken_back_by_the_same_item(qt: QApplication) -> None:
    """Its words say which it is."""
    done: list[str] = []
    tray = Tray(done.append, has_ear=True, has_window=False)
    [item] = [each for each in all_items(tray.menu) if each.data() == "pause"]
    tray.show_paused(True)
    item.trigger()
    tray.show_paused(False)
    item.trigger()
    assert done == ["resume", "pause"]


@pytest.mark.parametrize(
    ("tag", "name"), [("es", "Español (es)"), ("fr", "Français (fr)"), ("ja", "日本語 (ja)"), ("xx-none", "xx-none")]
)
def test_languages_have_their_own_names(tag: str, name: str) -> None:
    """One that Qt does not know is its tag."""
    found = language_name(tag)
    assert found == name or (tag == "es" and found.startswith("Español"))


def test_the_sign_is_a_picture(qt: QApplication) -> None:
    """Drawn, not a file."""
    assert not icon().isNull()
