"""Captions are typed one after the other."""

import asyncio
import time

from parley.desktop.keyboard import KeyboardError
from parley.desktop.typewriter import Typewriter
from tests.parley.desktop.samples import said
from tests.support.until import until


class SlowKeyboard:
    """Blocks while it types, as real ones do."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.closed = False
        self.broken = False

    def type(self, text: str) -> None:
        if self.broken:
            raise KeyboardError("there is no display")
        time.sleep(0.05)
        self.typed.append(text)

    def close(self) -> None:
        self.closed = True


async def test_clauses_are_typed_in_order_while_others_come() -> None:
    """Interim text never; the event loop goes on meanwhile."""
    keyboard, notes = SlowKeyboard(), list[str]()
    typewriter = Typewriter(keyboard, notes.append)
    running = asyncio.create_task(typewriter.run())
    for number, text in enumerate(("uno", "dos", "tres")):
        typewriter.put(said(text[:1], clause=number, final=False))
        typewriter.put(said(text, clause=number))
    await until(lambda: len(keyboard.typed) == 3)
    assert keyboard.typed == ["uno", " dos", " tres"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert keyboard.closed
    assert notes == []


async def test_what_cannot_be_typed_is_told_without_its_words() -> None:
    """And what comes later is tried again."""
    keyboard, notes = SlowKeyboard(), list[str]()
    keyboard.broken = True
    typewriter = Typewriter(keyboard, notes.append)
    running = asyncio.create_task(typewriter.run())
    typewriter.put(said("secret"))
    await until(lambda: bool(notes))
    assert notes == ["This was not typed: there is no display."]
    keyboard.broken = False
    typewriter.put(said("uno", clause=1))
    await until(lambda: keyboard.typed == [" uno"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
