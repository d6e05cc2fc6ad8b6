"""A desktop of a test's own: Xvfb, with a window manager and a compositor, so that windows are stacked and see-through.

Nothing of it is seen on the machine's own screen. Needs xvfb, openbox and xcompmgr; without them the test is skipped.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from Xlib import X, display
from Xlib.ext import xtest

from tests.support.source_tree import ROOT

PICTURES = ROOT / "artefacts" / "desktop"
WIDTH, HEIGHT = 1280, 800
_NEEDED = ("Xvfb", "openbox", "xcompmgr")
_START_S = 15.0


class Desktop:
    """One that runs. Made by `desktop`."""

    def __init__(self, name: str) -> None:
        # What DISPLAY is to be.
        self.name = name
        self._x = display.Display(name)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to be on it, and not elsewhere."""
        others = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS")
        return {**{key: value for key, value in os.environ.items() if key not in others}, "DISPLAY": self.name}

    def pixels(self) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
        """Give what is seen: rows of columns of red, green and blue."""
        shot = self._x.screen().root.get_image(0, 0, WIDTH, HEIGHT, X.ZPixmap, 0xFFFFFFFF)
        seen = np.frombuffer(shot.data, dtype=np.uint8).reshape(HEIGHT, WIDTH, 4)
        return seen[:, :, 2::-1]

    def keep(self, name: str) -> None:
        """Keep a picture of it in `artefacts/desktop`."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        seen = np.ascontiguousarray(self.pixels())
        QImage(seen.tobytes(), WIDTH, HEIGHT, 3 * WIDTH, QImage.Format.Format_RGB888).save(str(PICTURES / name))

    def click(self, x: int, y: int) -> None:
        """Press the mouse's first button there."""
        xtest.fake_input(self._x, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self._x, X.ButtonPress, 1)
        xtest.fake_input(self._x, X.ButtonRelease, 1)
        self._x.sync()

    def hold(self, *, keycode: int, held: bool) -> None:
        """Press a key, or let it go."""
        xtest.fake_input(self._x, X.KeyPress if held else X.KeyRelease, keycode)
        self._x.sync()

    def close(self) -> None:
        """Look no more."""
        self._x.close()


@contextlib.contextmanager
def desktop() -> Iterator[Desktop]:
    """Run one while the block runs."""
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"without {', '.join(missing)} there is no desktop to test on: infra/setup test installs it")
    with contextlib.ExitStack() as stack:
        reader, writer = os.pipe()
        screen = f"{WIDTH}x{HEIGHT}x24"
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
        stack.enter_context(running(command, pass_fds=(writer,)))
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        environment = {**os.environ, "DISPLAY": f":{number}"}
        for program in ("openbox", "xcompmgr"):
            stack.enter_context(running([program], env=environment))
        made = Desktop(f":{number}")
        stack.callback(made.close)
        eventually(lambda: _is_managed(made.name))
        yield made


def _is_managed(name: str) -> bool:
    """Whether window manager and compositor have begun."""
    x = display.Display(name)
    try:
        manager = x.screen().root.get_full_property(x.intern_atom("_NET_SUPPORTING_WM_CHECK"), X.AnyPropertyType)
        compositor = x.get_selection_owner(x.intern_atom("_NET_WM_CM_S0"))
        return manager is not None and compositor != X.NONE
    finally:
        x.close()


def eventually(is_so: Callable[[], bool], limit_s: float = _START_S) -> None:
    """Wait until a condition holds, where there is no event loop."""
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.02)


@contextlib.contextmanager
def running(
    command: list[str], *, env: dict[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run a program while the block runs; lines go in and come out."""
    process = subprocess.Popen(
        command,
        env=env,
        pass_fds=pass_fds,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


class TextWindow:
    """A window with a field to type into, of another program (`text_window.py`). Its contents are kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._since = 0

    @property
    def text(self) -> str:
        """What is in the field, since `begin`."""
        return self._read("text")[self._since :]

    def begin(self) -> None:
        """Look at nothing that is in the field already."""
        self._since = len(self._read("text"))

    @property
    def clicks(self) -> int:
        """How often it was clicked."""
        return len(self._read("clicks"))

    def _read(self, kind: str) -> str:
        path = self._file.with_suffix(f".{kind}")
        return path.read_text(encoding="utf-8") if path.exists() else ""


@contextlib.contextmanager
def text_window(on: Desktop, file: Path) -> Iterator[TextWindow]:
    """Open one that fills the desktop, with the keyboard in its field."""
    command = [sys.executable, "-m", "tests.support.text_window", str(file)]
    with running(command, env=on.environment) as process:
        assert process.stdout is not None
        assert any(line.strip() == "ready" for line in iter(process.stdout.readline, "")), "the window did not open"
        yield TextWindow(file)
