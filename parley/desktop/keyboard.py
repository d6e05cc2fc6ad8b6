"""What types on this computer."""

import os
import sys
from collections.abc import Mapping
from typing import Protocol, TextIO


class KeyboardError(Exception):
    """Nothing can be typed; the message says why and what to do."""


class Keyboard(Protocol):
    """Types. Calls block, and come one at a time."""

    def type(self, text: str) -> None:
        """Type a text without line feeds.

        Raises:
            KeyboardError: it cannot be.
        """

    def close(self) -> None:
        """Leave everything as it was. Idempotent."""


class Paper:
    """Prints instead: a line for each clause."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def type(self, text: str) -> None:
        """Print a clause.

        Raises:
            KeyboardError: nobody reads it any more.
        """
        try:
            self._out.write(f"{text.strip()}\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            raise KeyboardError("nobody reads what is printed any more") from None

    def close(self) -> None:
        """There is nothing to do."""


class PynputKeyboard:
    """macOS and Windows, which take any text from a program, whatever the layout."""

    def __init__(self) -> None:
        from pynput.keyboard import Controller

        self._controller = Controller()

    def type(self, text: str) -> None:
        """Type a text."""
        try:
            self._controller.type(text)
        except Exception as error:  # pynput's, which differ by system
            raise KeyboardError(f"this system does not let it type: {error}") from None

    def close(self) -> None:
        """There is nothing to do."""


def keyboard(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Keyboard:
    """Give what types here.

    Raises:
        KeyboardError: there is nothing.
    """
    if platform in ("darwin", "win32"):
        return PynputKeyboard()
    if not environment.get("DISPLAY"):
        if environment.get("WAYLAND_DISPLAY"):
            raise KeyboardError(
                "Wayland lets no program type into others, and there is no X display (XWayland) either. "
                "Use --print, and give its lines to a program that your desktop allows to type, wtype say"
            )
        raise KeyboardError("there is no desktop here (DISPLAY is not set). Use --print to have it printed")
    from parley.desktop.x11_keyboard import X11Keyboard

    return X11Keyboard()


def limits(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> str:
    """Say what is not reached by typing here; empty: nothing to say."""
    if platform == "darwin":
        return (
            "macOS asks once: allow this terminal under System Settings, Privacy & Security, Accessibility; "
            "until then nothing is typed."
        )
    if platform == "win32":
        return "Windows types into no window of a program that runs as administrator, unless this one does too."
    if environment.get("WAYLAND_DISPLAY"):
        return (
            "This is a Wayland desktop: only windows of X programs (XWayland) are reached. "
            "For others use --print, with a program that your desktop allows to type."
        )
    return ""
