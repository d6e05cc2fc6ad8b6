"""How much may be on its way before somebody has taken it."""

import asyncio


class Window:
    """Counts what may still be sent; when nothing may, `take` waits. One taker."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._opened = asyncio.Event()

    async def take(self, wanted: int) -> None:
        """Wait until anything may be sent, then count `wanted`: it is exceeded at most by one such piece."""
        while self._left <= 0:
            self._opened.clear()
            await self._opened.wait()
        self._left -= wanted

    def give(self, more: int) -> None:
        """Say that so much was taken at the other end."""
        self._left += more
        self._opened.set()
