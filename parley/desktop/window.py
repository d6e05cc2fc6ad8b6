"""The overlay: a window above all others, through which one sees and clicks."""

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QScreen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QWidget

from parley.desktop.lines import Line
from parley.desktop.look import Box, Look, keep_last, place

_FLAGS = (
    Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowTransparentForInput
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.Tool  # not in the task bar
)
# Of X alone. What a window manager manages is below full screens, and some put a frame around it that takes the clicks.
_UNMANAGED = Qt.WindowType.BypassWindowManagerHint
_ABOVE_MS = 1000
_WHITE = QColor(255, 255, 255)
_INTERIM = QColor(214, 220, 230)
_ORIGINAL = QColor(176, 196, 222)
_NAME = QColor(255, 209, 102)
_WARNING = QColor(255, 209, 102)
_OUTLINE = QColor(0, 0, 0, 235)
# Of the letters' height.
_ORIGINAL_SIZE = 0.72
_STATUS_SIZE = 0.55
_PADDING = 0.45
_ROW = 1.28
_GAP = 0.3
_OUTLINE_WIDTH = 0.055
# Rows of one caption: longer ones show their end.
_MOST_ROWS = 3


class _Block(NamedTuple):
    """A run of text, laid out in rows."""

    layout: QTextLayout
    colour: QColor
    size: int
    # Of its rows, the first that is shown.
    first: int = 0
    # Left empty above it.
    gap: int = 0

    @property
    def step(self) -> float:
        """From one row to the next."""
        return self.size * _ROW

    @property
    def height(self) -> int:
        """Of the rows that are shown, and what is empty above them."""
        return self.gap + round((self.layout.lineCount() - self.first) * self.step)


class Overlay(QWidget):
    """Shows lines and a status. Nothing here waits for anything."""

    def __init__(self, look: Look) -> None:
        on_x = QGuiApplication.platformName() == "xcb"
        super().__init__(None, _FLAGS | _UNMANAGED if on_x else _FLAGS)
        self.look = look
        self._lines: list[Line] = []
        self._status = ""
        self._blocks: list[_Block] = []
        self._is_moving = False
        # Where somebody put it with the mouse: from the edge and the middle that it would have; None: nowhere.
        self._moved = QPointF(0, 0)
        self._grip: QPointF | None = None
        self._is_hidden = False
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("Parley")
        self.setAccessibleName("Captions")
        self.setWindowOpacity(look.opacity)
        # Where no window manager keeps it above the others, it is put there again and again.
        self._above = QTimer(self, interval=_ABOVE_MS)
        self._above.timeout.connect(self._stay_above)
        if on_x:
            self._above.start()

    def _stay_above(self) -> None:
        if self.isVisible():
            self.raise_()

    # What it is told.

    def show_lines(self, lines: list[Line]) -> None:
        """Show these, and none of those before."""
        if lines != self._lines:
            self._lines = lines
            self._lay_out()

    def show_status(self, words: str) -> None:
        """Show what is not right, below the captions; no words: nothing."""
        if words != self._status:
            self._status = words
            self._lay_out()

    def change(self, look: Look) -> None:
        """Look otherwise from now on."""
        if (look.edge, look.screen) != (self.look.edge, self.look.screen):
            self._moved = QPointF(0, 0)
        self.look = look
        self.setWindowOpacity(look.opacity)
        self._lay_out()

    def set_hidden(self, hidden: bool) -> None:
        """Keep it away, or let it be seen again."""
        self._is_hidden = hidden
        self._lay_out()

    @property
    def is_moving(self) -> bool:
        """Whether the mouse moves it now, instead of passing through."""
        return self._is_moving

    def set_moving(self, moving: bool) -> None:
        """Let the mouse move it, or pass through it."""
        self._is_moving = moving
        handle = self.windowHandle()
        if handle is not None:
            handle.setFlag(Qt.WindowType.WindowTransparentForInput, not moving)
        self.setCursor(Qt.CursorShape.SizeAllCursor if moving else Qt.CursorShape.ArrowCursor)
        self._lay_out()

    # Where everything goes.

    def _lay_out(self) -> None:
        screen = _screen(self.look.screen)
        box = place(self.look, screen, 1)
        self._blocks = self._arranged(box.width - 2 * self._padding)
        if not self._blocks or self._is_hidden:
            self.hide()
            return
        height = sum(block.height for block in self._blocks) + 2 * self._padding
        box = place(self.look, screen, height)
        self.setGeometry(round(box.x + self._moved.x()), round(box.y + self._moved.y()), box.width, box.height)
        if not self.isVisible():
            self.show()
            self.raise_()
        self.update()

    @property
    def _padding(self) -> int:
        return round(self.look.size * _PADDING)

    def _arranged(self, width: int) -> list[_Block]:
        captions = [self._of_line(line, width) for line in self._lines]
        rows = [min(_MOST_ROWS, blocks[-1].layout.lineCount()) for blocks in captions]
        shown = keep_last(rows, self.look.lines * 2)
        blocks: list[_Block] = []
        for caption, most in zip(captions, shown, strict=True):
            if most:
                gap = round(self.look.size * _GAP) if blocks and len(caption) > 1 else 0
                blocks += [_last_rows(block, most) for block in (caption[0]._replace(gap=gap), *caption[1:])]
        words = self._status or ("Drag me; `move` again when I am where I should be." if self._is_moving else "")
        if words:
            blocks.append(self._block(words, width, _STATUS_SIZE, _WARNING))
        return blocks

    def _of_line(self, line: Line, width: int) -> list[_Block]:
        """Give whose it is and the original, if they are shown, and then the caption itself."""
        blocks = []
        if line.name:
            blocks.append(self._block(line.name, width, _STATUS_SIZE, _NAME))
        if self.look.dual and line.original:
            blocks.append(self._block(line.original, width, _ORIGINAL_SIZE, _ORIGINAL))
        colour = _WHITE if line.is_final else _INTERIM
        return [*blocks, self._block(line.text, width, 1.0, colour, italic=not line.is_final)]

    def _block(self, text: str, width: int, scale: float, colour: QColor, *, italic: bool = False) -> _Block:
        size = max(8, round(self.look.size * scale))
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setWeight(QFont.Weight.DemiBold)
        font.setItalic(italic)
        layout = QTextLayout(text, font)
        option = QTextOption(Qt.AlignmentFlag.AlignHCenter)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        layout.setTextOption(option)
        layout.beginLayout()
        row = layout.createLine()
        while row.isValid():
            row.setLineWidth(width)
            row = layout.createLine()
        layout.endLayout()
        return _Block(layout, colour, size)

    # Painting.

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is behind the letters, and then the letters with an outline: readable on whatever is below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen if not self._is_moving else _WARNING)
        # Where it is to be grabbed, something has to be there.
        alpha = max(0.25, self.look.background) if self._is_moving else self.look.background
        painter.setBrush(QColor(0, 0, 0, round(255 * alpha)))
        radius = self.look.size * 0.35
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        y = float(self._padding)
        for block in self._blocks:
            self._paint_block(painter, block, y)
            y += block.height
        painter.end()

    def _paint_block(self, painter: QPainter, block: _Block, y: float) -> None:
        for number in range(block.first, block.layout.lineCount()):
            row = block.layout.lineAt(number)
            at = QPointF(self._padding, y + block.gap + (number - block.first) * block.step)
            painter.setPen(_OUTLINE)
            for dx, dy in _AROUND:
                row.draw(painter, at + QPointF(dx, dy) * (block.size * _OUTLINE_WIDTH))
            painter.setPen(block.colour)
            row.draw(painter, at)

    # Moving.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of it."""
        self._grip = event.globalPosition()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go along with the mouse."""
        if self._grip is not None and self._is_moving:
            self._moved += event.globalPosition() - self._grip
            self._grip = event.globalPosition()
            self._lay_out()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go of it."""
        self._grip = None


_AROUND = [(dx, dy) for dx in (-1.0, 0.0, 1.0) for dy in (-1.0, 0.0, 1.0) if dx or dy] + [(0.0, 2.0)]


def _last_rows(block: _Block, most: int) -> _Block:
    return block._replace(first=max(0, block.layout.lineCount() - most))


def _screen(number: int) -> Box:
    """Give what can be used of a screen, or of the first one if there is no such."""
    screens: list[QScreen] = QGuiApplication.screens()
    area = screens[number - 1 if 0 < number <= len(screens) else 0].availableGeometry()
    return Box(area.x(), area.y(), area.width(), area.height())
