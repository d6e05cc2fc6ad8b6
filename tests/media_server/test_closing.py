"""Connections that close in their own time."""

import asyncio

from structlog.testing import capture_logs

from media_server.closing import Closing


async def test_what_closes_is_waited_for() -> None:
    """It counts until it is done, and waiting ends then; with nothing to close it ends at once."""
    closing = Closing("hall")
    go = asyncio.Event()

    async def close() -> None:
        await go.wait()

    await closing.wait()
    closing.let(close())
    assert closing
    asyncio.get_running_loop().call_soon(go.set)
    await closing.wait()
    await asyncio.sleep(0)
    assert not closing


async def test_a_failure_is_logged_and_nobody_elses() -> None:
    """What cannot be closed is told to the log, and the waiting goes on for the others."""
    closing = Closing("hall")

    async def fail() -> None:
        raise OSError("the cable is gone")

    with capture_logs() as logs:
        closing.let(fail())
        await closing.wait()
        await asyncio.sleep(0)
    assert [(line["event"], line["room_id"]) for line in logs] == [("connection_close_failed", "hall")]
    assert not closing
