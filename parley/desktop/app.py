"""The program with a window: Qt in the main thread, connections and typing in another."""

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtWidgets import QApplication

from parley.client.events import Caption
from parley.desktop.background import Background
from parley.desktop.commands import Command, help_text, parse
from parley.desktop.keyboard import Keyboard
from parley.desktop.lines import Lines
from parley.desktop.look import Look
from parley.desktop.menu import languages
from parley.desktop.session import Part, Session, SessionOverError, Tells, Wishes
from parley.desktop.status import Status
from parley.desktop.terminal import Terminal
from parley.desktop.tray import Tray
from parley.desktop.typewriter import Typewriter
from parley.desktop.window import Overlay

LAST_WORDS_S = 8.0
"""For how long the window says why it is over, before it goes."""
_MORE_MS = 20
# A timer that rings a little early would show nothing new.


class Desk(QObject, Tells):
    """What is shown, and what is done about what people ask for. Made and used in Qt's thread."""

    # From other threads into Qt's.
    _caption = Signal(object)
    _trouble = Signal(str, str)
    _note = Signal(str)
    _offer = Signal(object)
    _line = Signal(str)
    _over = Signal(object)

    def __init__(self, wishes: Wishes, look: Look, terminal: Terminal, keyboard: Keyboard | None = None) -> None:
        super().__init__()
        self.window = Overlay(look)
        self.tray = Tray(self.do, has_ear=wishes.ear is not None, has_window=True)
        self.failed = False
        # What works last, and what is said then.
        self._last_part: Part = "captions" if wishes.ear is None else "microphone"
        self._greeting = f"Captions of {wishes.room} come here." if wishes.ear is None else "Listening."
        self._is_ready = False
        self._session = Session(wishes, self)
        self._typewriter = Typewriter(keyboard, self._note.emit) if keyboard is not None else None
        self._terminal = terminal
        self._lines = Lines(look.lines)
        self._status = Status()
        self._background = Background(self._work, self._over.emit)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._show)
        self._caption.connect(self._take_caption)
        self._trouble.connect(self._take_trouble)
        self._note.connect(self._take_note)
        self._offer.connect(self.tray.offer)
        self._line.connect(self.do)
        self._over.connect(self._end)

    # What is told from the other thread.

    def caption(self, caption: Caption) -> None:
        """Take a caption."""
        if self._typewriter is not None:
            self._typewriter.put(caption)
        self._caption.emit(caption)

    def trouble(self, part: Part, words: str) -> None:
        """Take what keeps a part from working."""
        self._trouble.emit(part, words)

    def note(self, words: str) -> None:
        """Take something to know."""
        self._note.emit(words)

    def take_line(self, line: str) -> None:
        """Take a line from the terminal; from any thread."""
        self._line.emit(line)

    async def _work(self) -> None:
        self._offer.emit(await languages(self._session.wishes.url))
        if self._typewriter is None:
            await self._session.run()
            return
        typing = asyncio.create_task(self._typewriter.run(), name="desktop-typing")
        try:
            await self._session.run()
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)

    # Life.

    def open(self) -> None:
        """Begin."""
        self._show()
        self._background.start()

    def close(self) -> None:
        """End. Idempotent."""
        self._background.stop()
        self.window.close()

    def _end(self, error: BaseException | None) -> None:
        if error is None:
            QApplication.quit()
            return
        self.failed = True
        words = str(error) if isinstance(error, SessionOverError) else f"Something broke: {error!r}"
        self._terminal.say(words)
        self._lines.clear()
        self._status.trouble("captions", words)
        self._show()
        QTimer.singleShot(round(LAST_WORDS_S * 1000), QApplication.quit)

    # What is shown.

    def _take_caption(self, caption: Caption) -> None:
        if self._typewriter is None or not caption.is_final:
            self._lines.put(caption, time.monotonic())
        else:
            # It is typed now: to be seen there.
            self._lines.clear()
        self._show()

    def _take_trouble(self, part: Part, words: str) -> None:
        self._status.trouble(part, words)
        self._terminal.say(words)
        if part == self._last_part and not words and not self._is_ready:
            self._is_ready = True
            self._status.note(self._greeting, time.monotonic())
        self._show()

    def _take_note(self, words: str) -> None:
        self._status.note(words, time.monotonic())
        self._terminal.say(words)
        self._show()

    def _show(self) -> None:
        now = time.monotonic()
        self.window.show_lines(self._lines.shown(now))
        self.window.show_status(self._status.words(now))
        changes = [each for each in (self._lines.changes_in(now), self._status.changes_in(now)) if each is not None]
        if changes:
            self._timer.start(round(max(0.0, min(changes)) * 1000) + _MORE_MS)

    # What people ask for.

    def do(self, line: str) -> None:
        """Do what a line of the terminal or the menu says."""
        try:
            command = parse(line)
        except ValueError as error:
            self._take_note(f"{error}.")
            return
        if command.verb == "quit":
            QApplication.quit()
        elif command.verb == "help":
            self._terminal.say(help_text())
        elif not self._do_with_session(command):
            self._do_with_window(command.verb)
        self._show()

    def _do_with_session(self, command: Command) -> bool:
        session, call = self._session, self._background.call
        if command.verb == "read":
            call(session.read, command.tag)
            self._lines.clear()
        elif command.verb == "speak":
            call(session.speak, command.tag)
        elif command.verb in ("pause", "resume"):
            paused = command.verb == "pause"
            call(session.pause if paused else session.resume)
            self._status.is_paused = paused
            self.tray.show_paused(paused)
        else:
            return False
        return True

    def _do_with_window(self, verb: str) -> None:
        look = self.window.look
        changed = {
            "dual": lambda: replace(look, dual=not look.dual),
            "top": lambda: replace(look, edge="top"),
            "bottom": lambda: replace(look, edge="bottom"),
            "bigger": look.bigger,
            "smaller": look.smaller,
        }
        if verb in changed:
            self.window.change(changed[verb]())
        elif verb == "move":
            self.window.set_moving(not self.window.is_moving)
        elif verb == "clear":
            self._lines.clear()
        else:
            self.window.set_hidden(verb == "hide")


@contextmanager
def _ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end Qt at once: it runs no Python by itself that would see them."""
    reader, writer = socket.socketpair()
    for end_of in (reader, writer):
        end_of.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: end())
    woken_before = signal.set_wakeup_fd(writer.fileno())
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken_before)
        notifier.setEnabled(False)
        reader.close()
        writer.close()


def run(
    wishes: Wishes,
    look: Look,
    *,
    keyboard: Keyboard | None = None,
    listen: Callable[[Callable[[str], None]], object] | None = None,
) -> int:
    """Run until somebody ends it; gives the exit code.

    Args:
        wishes: what is read or said.
        look: of the window.
        keyboard: types what is final; None: all is shown.
        listen: is given what takes lines, of the terminal say.
    """
    app = QApplication(["parley"])
    app.setApplicationName("Parley")
    app.setQuitOnLastWindowClosed(False)
    desk = Desk(wishes, look, Terminal(), keyboard)
    if listen is not None:
        listen(desk.take_line)
    with _ended_by_signals(QApplication.quit):
        desk.open()
        try:
            app.exec()
        finally:
            desk.close()
    return 1 if desk.failed else 0
