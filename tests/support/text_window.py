"""A program with one window that is all text field: writes what is in it, and a sign for each click, into files."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit


class Field(QPlainTextEdit):
    """Says `ready` once it has the keyboard."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._clicks = 0
        self.textChanged.connect(self._keep)

    def _keep(self) -> None:
        self._write("text", self.toPlainText())

    def _write(self, kind: str, text: str) -> None:
        # Whoever reads it finds all of the old or all of the new.
        fresh = self._file.with_suffix(".fresh")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._file.with_suffix(f".{kind}"))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mousePressEvent(event)
        self._clicks += 1
        self._write("clicks", "." * self._clicks)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        QTimer.singleShot(0, lambda: print("ready", flush=True))  # noqa: T201 - whoever started it waits for that


def main() -> None:
    app = QApplication(sys.argv)
    field = Field(Path(sys.argv[1]))
    field.setStyleSheet("QPlainTextEdit { background: #40c040; color: #000; border: none; font-size: 20px }")
    field.showMaximized()
    field.activateWindow()
    app.exec()


if __name__ == "__main__":
    main()
