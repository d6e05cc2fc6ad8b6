"""An event loop beside another one."""

import asyncio
import threading

from parley.desktop.background import Background


def test_it_runs_until_it_is_stopped() -> None:
    """Calls are made in its loop; after the end they are nothing."""
    ended: list[BaseException | None] = []
    called: list[int] = []
    done = threading.Event()

    async def work() -> None:
        await asyncio.Event().wait()

    def note() -> None:
        called.append(threading.get_ident())
        done.set()

    background = Background(work, ended.append)
    background.start()
    background.call(note)
    assert done.wait(5)
    background.stop()
    background.stop()
    background.call(done.clear)
    assert called != [threading.get_ident()]
    assert ended == [None]


def test_what_it_ended_with_is_told() -> None:
    """Whoever owns the window says it."""
    ended: list[BaseException | None] = []

    async def work() -> None:
        raise ValueError("broken")

    background = Background(work, ended.append)
    background.start()
    background.stop()
    [error] = ended
    assert str(error) == "broken"
