"""An event loop in a thread beside Qt's, which has the main one."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_END_S = 5.0


class Background:
    """Runs a coroutine in a thread of its own until it ends or is stopped."""

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, None]], over: Callable[[BaseException | None], None]
    ) -> None:
        """`over` is called in that thread with what it ended with, None when it was stopped."""
        self._work = work
        self._over = over
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._began = threading.Event()
        # If something holds it beyond the end, the program ends nevertheless.
        self._thread = threading.Thread(target=self._run, name="desktop-connections", daemon=True)

    def start(self) -> None:
        """Begin, and wait until calls are taken."""
        self._thread.start()
        self._began.wait()

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Have something called in its loop, soon. Nothing happens after the end."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # closed just now
                loop.call_soon_threadsafe(function, *arguments)

    def stop(self) -> None:
        """End it and wait, for some seconds at most. Idempotent."""
        task = self._task
        if task is not None:
            self.call(task.cancel)
        self._thread.join(_END_S)

    def _run(self) -> None:
        ended: BaseException | None = None
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # a fault boundary: whoever owns the window is told
            ended = error
        finally:
            self._loop = None
            self._began.set()
        self._over(ended)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._began.set()
        await self._work()
