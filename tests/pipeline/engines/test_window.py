"""How much may be on its way."""

import asyncio

from pipeline.engines.window import Window


async def test_a_full_window_waits_until_something_is_taken() -> None:
    """The taker goes on only after as much was given back as it had exceeded."""
    window = Window(3)
    await window.take(2)
    await window.take(2)
    third = asyncio.create_task(window.take(1))
    await asyncio.sleep(0)
    window.give(1)
    await asyncio.sleep(0)
    assert not third.done()
    window.give(1)
    await asyncio.wait_for(third, 1)


async def test_an_open_window_does_not_wait() -> None:
    """Taking what is left needs nobody's leave."""
    window = Window(2)
    await asyncio.wait_for(window.take(1), 1)
    await asyncio.wait_for(window.take(1), 1)
