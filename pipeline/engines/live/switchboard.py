"""All connections of an engine to its provider."""

import asyncio
from typing import Self

from pipeline.engines.http.client import HttpClient
from pipeline.engines.live.dialect import Dialect
from pipeline.engines.live.utterance import LiveUtterance, Patience


class Switchboard:
    """Opens utterances, and closes at its end those that nobody ended. `async with`; ending twice is harmless.

    There are as many as the client lets ask at once; a finished one closes its connection behind the caller's back, so
    that its words need not wait for the goodbye.
    """

    def __init__(self, client: HttpClient, patience: Patience) -> None:
        """Own the client from now on."""
        self._client = client
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.__aexit__(*exc)

    def open(self, dialect: Dialect) -> LiveUtterance:
        """Begin an utterance."""
        utterance = LiveUtterance(self._client, dialect, self._patience)
        self._tasks.add(utterance.task)
        utterance.task.add_done_callback(self._tasks.discard)
        return utterance
