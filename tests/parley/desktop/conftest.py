"""What tests of the desktop client work with: Qt without a screen, and a desktop of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.support.desktop import Desktop, TextWindow, desktop, text_window


@pytest.fixture(scope="session")
def qt() -> QApplication:
    """Give Qt's one application of this process: it draws, but nothing is on a screen."""
    before = os.environ.get("QT_QPA_PLATFORM")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        return QApplication(["parley"])
    finally:
        # Programs that are started by a test have the choice.
        os.environ.pop("QT_QPA_PLATFORM")
        if before is not None:
            os.environ["QT_QPA_PLATFORM"] = before


@pytest.fixture(scope="module")
def screen() -> Iterator[Desktop]:
    """Give a desktop with a window manager and a compositor, for programs in processes of their own."""
    with desktop() as made:
        yield made


@pytest.fixture
def field(screen: Desktop, tmp_path: Path) -> Iterator[TextWindow]:
    """Give another program's window on it, which has the keyboard."""
    with text_window(screen, tmp_path / "field") as opened:
        yield opened
