"""Time that passes only when nothing else is left to do: seconds of waiting take no time, and always the same."""

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable
from typing import ParamSpec

P = ParamSpec("P")

EPOCH_MS = 1_700_000_000_000
"""The moment, in epoch milliseconds, at which every virtual loop begins."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer instead of waiting for it. Not for sockets, threads or processes."""

    def __init__(self) -> None:
        self._now = 0.0
        selector = selectors.DefaultSelector()
        select = selector.select

        def jump(timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            events = select(0)
            if timeout is None and not events:
                raise RuntimeError("everything waits and nothing is due: this would wait for ever")
            self._now += timeout or 0.0
            return events

        selector.select = jump  # type: ignore[method-assign]
        super().__init__(selector)

    def time(self) -> float:
        return self._now


def virtual_now_ms() -> int:
    """Give the present of the running virtual loop in epoch milliseconds."""
    return EPOCH_MS + round(asyncio.get_running_loop().time() * 1000)


def virtual_time(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run an async test on a virtual loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def body() -> None:
            await test(*args, **kwargs)

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(body())

    return run
