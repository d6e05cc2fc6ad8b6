"""An engine that takes very long to get ready."""

import asyncio
from typing import Self


class Engine:
    async def __aenter__(self) -> Self:
        await asyncio.sleep(600)
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass
