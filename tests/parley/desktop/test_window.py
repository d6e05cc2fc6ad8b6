"""The overlay as it is drawn; on a desktop among other windows it is in test_app.py."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from parley.desktop.lines import Line
from parley.desktop.look import Look
from parley.desktop.window import Overlay

HOLA = Line("Hola, ¿qué tal?", "", "", True)


@pytest.fixture
def window(qt: QApplication) -> Iterator[Overlay]:
    made = Overlay(Look(size=40))
    yield made
    made.close()


def drawn(window: Overlay) -> QImage:
    """Give what it draws, on nothing."""
    picture = QImage(window.size(), QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    window.render(picture, QPoint(), renderFlags=window.RenderFlag.DrawChildren)
    return picture


def count(picture: QImage, red: int, green: int, blue: int, near: int = 40) -> int:
    """Count the pixels that are about this colour and opaque."""
    found = 0
    for y in range(picture.height()):
        for x in range(picture.width()):
            colour = picture.pixelColor(x, y)
            off = max(abs(colour.red() - red), abs(colour.green() - green), abs(colour.blue() - blue))
            found += off < near and colour.alpha() > 200
    return found


def test_it_is_above_all_others_and_lets_the_mouse_through(window: Overlay) -> None:
    """It takes no keyboard, has no frame, and is seen through."""
    flags = window.windowFlags()
    for flag in (
        Qt.WindowType.WindowStaysOnTopHint,
        Qt.WindowType.WindowTransparentForInput,
        Qt.WindowType.FramelessWindowHint,
        Qt.WindowType.WindowDoesNotAcceptFocus,
    ):
        assert flags & flag
    assert window.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)


def test_it_is_there_only_while_there_is_something_to_show(window: Overlay) -> None:
    """And away while it is hidden."""
    assert not window.isVisible()
    window.show_lines([HOLA])
    assert window.isVisible()
    window.set_hidden(True)
    assert not window.isVisible()
    window.set_hidden(False)
    assert window.isVisible()
    window.show_lines([])
    assert not window.isVisible()
    window.show_status("Connecting ...")
    assert window.isVisible()


def test_letters_are_white_with_a_dark_outline_on_a_ground_that_is_seen_through(window: Overlay) -> None:
    """So they can be read on whatever is below, even with no ground at all."""
    window.show_lines([HOLA])
    picture = drawn(window)
    assert count(picture, 255, 255, 255) > 500
    assert picture.pixelColor(window.width() // 2, 3).alpha() == round(255 * 0.6)
    assert picture.pixelColor(0, 0).alpha() == 0
    window.change(replace(window.look, background=0.0))
    bare = drawn(window)
    assert bare.pixelColor(window.width() // 2, 3).alpha() == 0
    assert count(bare, 0, 0, 0) > 500


def test_what_is_not_final_looks_otherwise(window: Overlay) -> None:
    """A little darker, and slanted."""
    window.show_lines([replace(HOLA, is_final=False)])
    picture = drawn(window)
    assert count(picture, 255, 255, 255, near=8) == 0
    assert count(picture, 214, 220, 230, near=8) > 200


def test_with_both_languages_the_original_is_above(window: Overlay) -> None:
    """Smaller, and in another colour."""
    line = replace(HOLA, original="Hello, how are you?")
    window.show_lines([line])
    alone = window.height()
    window.change(replace(window.look, dual=True))
    assert alone < window.height() < 2 * alone
    assert count(drawn(window), 176, 196, 222, near=12) > 200


def test_long_text_stays_on_the_screen_and_shows_its_end(window: Overlay, qt: QApplication) -> None:
    """However much is said, in whatever script."""
    for text in ("word " * 400, "字" * 2_000, "x" * 5_000, "مرحبا " * 300, "a\u0301" * 900):
        window.show_lines([replace(HOLA, text=text, original=text, name="Ann")] * 12)
        area = qt.primaryScreen().availableGeometry()
        assert area.contains(window.geometry())
        assert window.height() < area.height() // 2


def test_names_and_troubles_are_shown(window: Overlay) -> None:
    """In a colour of their own."""
    window.show_lines([HOLA])
    assert count(drawn(window), 255, 209, 102, near=12) == 0
    window.show_lines([replace(HOLA, name="Anna")])
    assert count(drawn(window), 255, 209, 102, near=12) > 30
    window.show_lines([HOLA])
    window.show_status("The connection is lost.")
    assert count(drawn(window), 255, 209, 102, near=12) > 100


def drag(window: Overlay, by: QPointF) -> None:
    """Press, move and let go, at places of the desktop."""
    begin = QPointF(window.geometry().center())
    steps = [(QMouseEvent.Type.MouseButtonPress, begin), (QMouseEvent.Type.MouseMove, begin + by)]
    for kind, at in [*steps, (QMouseEvent.Type.MouseButtonRelease, begin + by)]:
        event = QMouseEvent(
            kind,
            QPointF(5, 5),
            at,
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(window, event)


def test_it_is_moved_with_the_mouse_when_that_is_wanted(window: Overlay) -> None:
    """Otherwise the mouse goes through; another edge puts it back to where it belongs."""
    window.show_lines([HOLA])
    before = window.pos()
    window.set_moving(True)
    handle = window.windowHandle()
    assert not handle.flags() & Qt.WindowType.WindowTransparentForInput
    drag(window, QPointF(-30, -50))
    window.set_moving(False)
    assert handle.flags() & Qt.WindowType.WindowTransparentForInput
    QTest.qWait(1)
    assert window.x() == before.x() - 30
    window.show_lines([])
    window.show_lines([HOLA])
    assert window.pos() == before + QPoint(-30, -50)
    window.change(replace(window.look, edge="top"))
    assert window.x() == before.x()
