"""Whether this computer has what the desktop client needs, before something of it ends the process without a word."""

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, MutableMapping
from pathlib import Path

INSTALL = "pip install 'parley[desktop]'"


class NotReadyError(Exception):
    """Something is missing; the message says what, and what to do."""


def check_installed(modules: Iterable[str], find: Callable[[str], object] = importlib.util.find_spec) -> None:
    """Look for modules of the extra.

    Raises:
        NotReadyError: one is missing.
    """
    if not all(find(module) for module in modules):
        raise NotReadyError(f"this needs the extra `desktop`, which is not installed: {INSTALL}")


def prepare_qt(platform: str = sys.platform, environment: MutableMapping[str, str] = os.environ) -> None:
    """See to it that Qt can open a window here: where it cannot, it would abort.

    Raises:
        NotReadyError: there is no desktop, or a library of the system is missing.
    """
    if platform != "linux" or environment.get("QT_QPA_PLATFORM"):
        return
    if not environment.get("DISPLAY"):
        if environment.get("WAYLAND_DISPLAY"):
            raise NotReadyError(
                "Wayland lets no window stay above the others, so this uses X: there is no X display (XWayland) here"
            )
        raise NotReadyError("there is no desktop here: DISPLAY is not set")
    # On a Wayland desktop as well, by XWayland: there alone a window may be above all others and choose its place.
    environment["QT_QPA_PLATFORM"] = "xcb"
    _check_display()
    _check_library(_plugin())


def _check_display() -> None:
    from Xlib import display, error

    try:
        display.Display().close()
    except (error.DisplayError, OSError) as broken:
        raise NotReadyError(f"the desktop cannot be reached: {broken}") from None


def _plugin() -> Path:
    spec = importlib.util.find_spec("PySide6")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    return folder / "Qt" / "plugins" / "platforms" / "libqxcb.so"


def _check_library(plugin: Path) -> None:
    """Load Qt's own plugin: the linker says which library it misses."""
    if not plugin.exists():
        return  # another build of Qt, of a distribution say, has it elsewhere and brings what it needs
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        missing = str(error).partition(":")[0]
        raise NotReadyError(
            f"Qt misses {missing}. On Debian: apt install libegl1 libgl1 libxcb-cursor0 libxcb-icccm4 "
            "libxcb-keysyms1 libxkbcommon-x11-0"
        ) from None
