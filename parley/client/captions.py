"""The captions of a room, for somebody who is not in it."""

import asyncio
import contextlib
import time
from collections import OrderedDict
from typing import Self

import aiohttp

from parley.client.backoff import Backoff, BackoffSettings
from parley.client.errors import ClientError, RejectedError
from parley.client.events import Caption, parse
from parley.client.socket import opened
from parley.client.tape import Reading, Tape
from parley.client.tokens import TokenSource, fetch

KEPT = 512
"""Captions kept for those who read, and final ones that are remembered so that none comes twice."""


class Captions:
    """A room's captions, in one language or in all. `async with Captions(url, room, language="es") as captions`.

    A connection that breaks is made anew; what comes again then is passed over.
    """

    def __init__(
        self,
        url: str,
        room: str,
        *,
        token: TokenSource = None,
        language: str | None = None,
        interim: bool = False,
        translate: bool = True,
        http: aiohttp.ClientSession | None = None,
        backoff: BackoffSettings | None = None,
    ) -> None:
        """`language`: of the reader; None: all. `interim`: also those that will be replaced.

        `translate=False`: only what was recognised.
        """
        self._url = url
        self._room = room
        self._token = token
        self._query = {} if language is None else {"language": language}
        if not translate:
            self._query["translate"] = "0"
        self._interim = interim
        self._http = http
        self._settings = backoff or BackoffSettings()
        self._backoff = Backoff(self._settings)
        self._captions: Tape[Caption] = Tape(KEPT)
        self._seen: OrderedDict[Caption, None] = OrderedDict()
        self._opened: asyncio.Future[None] | None = None
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the socket. A token that opens nothing shows in the reading: the server tells that a moment later.

        Raises:
            UnreachableError, RejectedError: it cannot be opened.
        """
        self._opened = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._run(), name="client-captions")
        try:
            await self._opened
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._end()

    def __aiter__(self) -> Reading[Caption]:
        """Read them from the last `KEPT` on.

        Raises (while reading):
            ClientError: the server wants no more of us, or it stayed away for too long.
        """
        return self._captions.read()

    async def _run(self) -> None:
        failing_since: float | None = None
        while True:
            shown = self._captions.count
            try:
                await self._serve()
                self._captions.end()
                return
            except Exception as error:  # a fault boundary: whoever reads is told, and waits no longer
                if self._captions.count > shown:
                    failing_since = None
                    self._backoff.reset()
                failing_since = failing_since or time.monotonic()
                if not self._try_again(error, time.monotonic() - failing_since):
                    self._fail(error)
                    return
            await asyncio.sleep(self._backoff.pause_s())

    def _try_again(self, error: Exception, failing_s: float) -> bool:
        if self._opened is None or not self._opened.done() or failing_s > self._settings.give_up_s:
            return False
        if isinstance(error, RejectedError):
            return error.is_busy
        return isinstance(error, ClientError) and error.may_retry

    async def _serve(self) -> None:
        token = await fetch(self._token, self._url, self._room, self._http)
        async with opened(self._url, "captions", self._room, token=token, query=self._query, http=self._http) as socket:
            if self._opened is not None and not self._opened.done():
                self._opened.set_result(None)
            async for message in socket.messages():
                event = parse(message)
                if isinstance(event, Caption):
                    self._take(event)

    def _take(self, caption: Caption) -> None:
        if not caption.is_final:
            if self._interim:
                self._captions.put(caption)
            return
        if caption in self._seen:
            return
        self._seen[caption] = None
        if len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        self._captions.put(caption)

    def _fail(self, error: Exception) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_exception(error)
        self._captions.end(error)

    async def _end(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self._captions.end()
