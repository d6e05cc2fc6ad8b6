"""The event loop that every process of the product runs on."""

import asyncio


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop: uvloop's, which costs less for each packet, or asyncio's own on platforms that lack it."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def loop_name() -> str:
    """Name the library whose event loop runs: uvloop, or asyncio where there is none."""
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]
