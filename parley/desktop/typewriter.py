"""Types captions, one after the other."""

import asyncio
from collections import deque
from collections.abc import Callable

from parley.client.events import Caption
from parley.desktop.dictation import Dictation
from parley.desktop.keyboard import Keyboard, KeyboardError

WAITING = 256
"""Clauses that may wait to be typed; the oldest goes first."""


class Typewriter:
    """`put` captions; `run` types what is final."""

    def __init__(self, keyboard: Keyboard, note: Callable[[str], None]) -> None:
        """`note` is told what could not be typed, and why. No text: that may be private."""
        self._keyboard = keyboard
        self._note = note
        self._dictation = Dictation()
        self._waiting: deque[str] = deque(maxlen=WAITING)
        self._news = asyncio.Event()

    def put(self, caption: Caption) -> None:
        """Take a caption. Never blocks."""
        text = self._dictation.take(caption)
        if text:
            self._waiting.append(text)
            self._news.set()

    async def run(self) -> None:
        """Type until it is cancelled; what is being typed then is typed to its end."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._waiting:
                    await self._type(self._waiting.popleft())
        finally:
            await asyncio.shield(asyncio.to_thread(self._keyboard.close))

    async def _type(self, text: str) -> None:
        try:
            await asyncio.shield(asyncio.to_thread(self._keyboard.type, text))
        except KeyboardError as error:
            self._note(f"This was not typed: {error}.")
