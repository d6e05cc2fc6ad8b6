"""The sign in the desktop's tray, with a menu of what the terminal's commands do."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QLocale, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from parley.desktop.menu import Languages

_SIZE = 64
_BLUE = QColor(37, 99, 235)


class Tray:
    """`do` is given the lines that the terminal would have (`commands.py`)."""

    def __init__(self, do: Callable[[str], None], *, has_ear: bool, has_window: bool) -> None:
        self._do = do
        self.menu = QMenu()
        self._speak = self.menu.addMenu("I speak") if has_ear else None
        self._read = self.menu.addMenu("I read")
        self.menu.addSeparator()
        self._pause = self._item("Listen no more", "pause") if has_ear else None
        if has_window:
            for words, line in (
                ("Both languages", "dual"),
                ("At the top", "top"),
                ("At the bottom", "bottom"),
                ("Move with the mouse", "move"),
                ("Larger", "bigger"),
                ("Smaller", "smaller"),
                ("Hide", "hide"),
                ("Show", "show"),
            ):
                self._item(words, line)
        self.menu.addSeparator()
        self._item("Quit", "quit")
        self.offer(Languages())
        self._icon = QSystemTrayIcon(icon())
        self._icon.setToolTip("Parley")
        self._icon.setContextMenu(self.menu)
        # A desktop without a tray shows none; the terminal has all of it.
        self._icon.show()

    def offer(self, languages: Languages) -> None:
        """Offer these languages."""
        if self._speak is not None:
            _fill(self._speak, [("Whatever I speak", "speak auto"), *_items("speak", languages.to_speak)], self._do)
        _fill(self._read, [("As it is said", "read spoken"), *_items("read", languages.to_read)], self._do)

    def show_paused(self, paused: bool) -> None:
        """Offer what can be done now."""
        if self._pause is not None:
            self._pause.setText("Listen again" if paused else "Listen no more")
            self._pause.setData("resume" if paused else "pause")

    def _item(self, words: str, line: str) -> QAction:
        return _add(self.menu, words, line, self._do)


def _add(menu: QMenu, words: str, line: str, do: Callable[[str], None]) -> QAction:
    action = menu.addAction(words)
    action.setData(line)
    action.triggered.connect(lambda: do(str(action.data())))
    return action


def _items(verb: str, tags: Sequence[str]) -> list[tuple[str, str]]:
    return sorted((language_name(tag), f"{verb} {tag}") for tag in tags)


def _fill(menu: QMenu, items: Sequence[tuple[str, str]], do: Callable[[str], None]) -> None:
    menu.clear()
    for words, line in items:
        _add(menu, words, line, do)


def language_name(tag: str) -> str:
    """Give a language's name as its speakers write it, and its tag."""
    locale = QLocale(tag)
    name = "" if locale.language() is QLocale.Language.C else locale.nativeLanguageName()
    return f"{name[:1].upper()}{name[1:]} ({tag})" if name else tag


def icon() -> QIcon:
    """Give a letter on a ground of its own colour."""
    picture = QPixmap(_SIZE, _SIZE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BLUE)
    painter.drawRoundedRect(QRectF(2, 2, _SIZE - 4, _SIZE - 4), 14, 14)
    font = QFont(painter.font())
    font.setPixelSize(44)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, "P")
    painter.end()
    return QIcon(picture)
