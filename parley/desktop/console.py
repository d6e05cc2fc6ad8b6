"""Dictation without a window: all of it in one event loop."""

import asyncio
import signal
from collections.abc import Callable

from parley.client.events import Caption
from parley.desktop.commands import help_text, parse
from parley.desktop.keyboard import Keyboard
from parley.desktop.session import Part, Session, SessionOverError, Tells, Wishes
from parley.desktop.terminal import Terminal
from parley.desktop.typewriter import Typewriter


class Console(Tells):
    """Types what is final, and says the rest in the terminal."""

    def __init__(self, wishes: Wishes, keyboard: Keyboard, terminal: Terminal) -> None:
        self._session = Session(wishes, self)
        self._terminal = terminal
        self._typewriter = Typewriter(keyboard, self.note)
        self._troubled: set[Part] = set()
        self._task: asyncio.Task[None] | None = None

    def caption(self, caption: Caption) -> None:
        """Type it, once it is final."""
        self._typewriter.put(caption)

    def trouble(self, part: Part, words: str) -> None:
        """Say what keeps a part from working, and when it works again."""
        if words:
            self._troubled.add(part)
            self._terminal.say(words)
        elif part in self._troubled:
            self._troubled.discard(part)
            self._terminal.say("It works again." if not self._troubled else "")

    def note(self, words: str) -> None:
        """Say something to know."""
        self._terminal.say(words)

    def do(self, line: str) -> None:
        """Do what a line of the terminal says."""
        try:
            command = parse(line)
        except ValueError as error:
            self._terminal.say(f"{error}.")
            return
        match command.verb:
            case "quit":
                self.end()
            case "help":
                self._terminal.say(help_text())
            case "speak":
                self._session.speak(command.tag)
            case "read":
                self._session.read(command.tag)
            case "pause":
                self._session.pause()
                self._terminal.say("Paused. `resume` listens again.")
            case "resume":
                self._session.resume()
                self._terminal.say("Listening.")
            case _:
                self._terminal.say("There is no window: --interim-window opens one.")

    def end(self) -> None:
        """Let `run` end."""
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Run until `end`.

        Raises:
            SessionOverError: the server wants no more of us.
        """
        self._task = asyncio.create_task(self._session.run(), name="desktop-session")
        typing = asyncio.create_task(self._typewriter.run(), name="desktop-typing")
        try:
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()
        finally:
            typing.cancel()
            self._task.cancel()
            await asyncio.gather(typing, self._task, return_exceptions=True)


def run(
    wishes: Wishes, keyboard: Keyboard, *, listen: Callable[[Callable[[str], object]], object] | None = None
) -> int:
    """Run until somebody ends it; gives the exit code. `listen` is given what takes lines, from any thread."""
    terminal = Terminal()
    console = Console(wishes, keyboard, terminal)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Not on Windows, where Ctrl-C is KeyboardInterrupt.
            if hasattr(signal, "SIGUSR1"):
                loop.add_signal_handler(number, console.end)
        if listen is not None:
            listen(lambda line: loop.call_soon_threadsafe(console.do, line))
        await console.run()

    try:
        asyncio.run(main())
    except SessionOverError as error:
        terminal.say(str(error))
        return 1
    except KeyboardInterrupt:
        pass
    return 0
