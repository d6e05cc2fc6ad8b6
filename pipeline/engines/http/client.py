"""Asking a provider over HTTP: bounded in time, in size and in number, and every failure an `EngineError`."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol, Self

import aiohttp
import msgspec
from yarl import URL

from pipeline.engines.engine import EngineBusyError, EngineError, EngineUnavailableError
from pipeline.engines.http.address import base_address
from pipeline.engines.http.faults import engine_errors
from pipeline.engines.http.socket import CLOSE_S, Socket
from pipeline.engines.http.status import error_of_status

TIMEOUT_S = 10.0
"""Seconds for a whole answer, or for the next piece of a streamed one."""
CONNECT_S = 5.0
"""Seconds until a connection stands, name look-up and TLS included."""
CONCURRENCY = 16
"""Requests under way at once; who comes later waits, as long as a request may take."""
MAX_BODY = 16 << 20
"""Bytes of one answer, unpacked; a longer one is an error."""
MAX_ERROR_BODY = 64 << 10
"""Bytes of an error's answer that are looked at."""
IDLE_S = 60.0
"""Seconds that an idle connection is kept: the next clause need not wait for TLS."""
AGENT = "parley"

_TEXT = ("text/", "application/json", "application/problem+json", "application/xml")

Fields = Mapping[str, str | Sequence[str]]


class Upload(NamedTuple):
    """One file of a form."""

    # What the provider takes for the file's name; its ending tells the format at some.
    name: str
    content: bytes
    content_type: str = "application/octet-stream"


class Provider(Protocol):
    """What can be set about every provider, in its engine's options."""

    @property
    def base_url(self) -> str: ...
    @property
    def connect_s(self) -> float: ...
    @property
    def concurrency(self) -> int: ...
    @property
    def proxy(self) -> str: ...


class HttpClient:
    """Asks one provider. `async with` opens and closes it; closing twice is harmless.

    All requests raise:
        EngineRefusedError: 401, 402, 403, 404: only the operator can mend it.
        EngineBusyError: 429, 503, 529, or too many requests under way here; with the seconds of Retry-After.
        RequestTooLargeError: 413.
        RequestRefusedError: any other 4xx; the same request would be refused again.
        EngineTimeoutError: no answer in time.
        EngineError: 5xx, no connection, an answer that breaks off or is not what it should be.

    Messages name the host and the status, never keys, texts or answers. Cancelling a request closes its connection.
    Redirections are not followed: keys go where they were meant to go. The environment's proxies are not used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        connect_s: float = CONNECT_S,
        concurrency: int = CONCURRENCY,
        max_body: int = MAX_BODY,
        proxy: str = "",
    ) -> None:
        """Keep what is needed to open; see the constants of this module for the units.

        Raises:
            EngineUnavailableError: `base_url`, or `proxy` if it is not empty, is no address.
        """
        self._base = base_address(base_url)
        if proxy and not proxy.startswith(("http://", "https://")):
            raise EngineUnavailableError("proxy is not the address of a proxy", "set it to http://HOST:PORT")
        self._proxy = proxy or None
        self._headers = {"User-Agent": AGENT, **(headers or {})}
        self._timeout_s = timeout_s
        self._connect_s = connect_s
        self._concurrency = concurrency
        self._turns = asyncio.Semaphore(concurrency)
        self._max_body = max_body
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def to(cls, provider: Provider, headers: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> Self:
        """Make the client for what is set about a provider; raises as the constructor."""
        return cls(
            provider.base_url,
            headers=headers,
            timeout_s=timeout_s,
            connect_s=provider.connect_s,
            concurrency=provider.concurrency,
            proxy=provider.proxy,
        )

    @property
    def host(self) -> str:
        """Who is asked, for messages."""
        return self._base.host or ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            # Ours are the limits of number and of time; what is left to aiohttp is a dead host.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._connect_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def get_json(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """GET, and read the answer as JSON."""
        return _json(self.host, await self._whole("GET", path, params=query))

    async def post_json(self, path: str, body: Any) -> Any:
        """POST JSON, and read the answer as JSON."""
        return _json(self.host, await self._whole("POST", path, **_packed(body)))

    async def post(self, path: str, body: Any) -> bytes:
        """POST JSON, and read the answer as it is, whatever it calls itself."""
        return await self._whole("POST", path, **_packed(body))

    async def post_form(self, path: str, fields: Fields, files: Mapping[str, Upload] | None = None) -> Any:
        """POST a form (multipart/form-data), and read the answer as JSON. Fields of several values are repeated."""
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in fields.items():
            for each in (value,) if isinstance(value, str) else value:
                form.add_field(name, each)
        for name, file in (files or {}).items():
            form.add_field(name, file.content, filename=file.name, content_type=file.content_type)
        return _json(self.host, await self._whole("POST", path, data=form))

    async def stream(self, path: str, body: Any) -> AsyncGenerator[bytes, None]:
        """POST JSON, and yield the answer's bytes as they come. Closing the iterator closes the connection.

        An answer that calls itself text is an EngineError: where sound is asked for, a proxy's page is none.
        """
        taken = 0
        async with self._turn(), self._asked("POST", path, **_packed(body)) as response:
            if response.content_type.startswith(_TEXT):
                raise EngineError(f"{self.host} answered text where sound was asked for")
            while piece := await self._piece(response):
                taken += len(piece)
                if taken > self._max_body:
                    raise EngineError(f"{self.host} answered more than {self._max_body} bytes")
                yield piece

    @asynccontextmanager
    async def socket(self, path: str, query: Sequence[tuple[str, str]] = ()) -> AsyncIterator[Socket]:
        """Open a WebSocket; it counts as one request under way until it is closed."""
        async with self._turn():
            with engine_errors(self.host):
                async with asyncio.timeout(self._connect_s):
                    opened = await self._open.ws_connect(
                        self._address(path).with_query(list(query)),
                        proxy=self._proxy,
                        max_msg_size=self._max_body,
                        timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                    )
            async with Socket(self.host, opened, timeout_s=self._timeout_s) as socket:
                yield socket

    async def _whole(self, method: str, path: str, **what: Any) -> bytes:
        """Ask, and read all of the answer, within one deadline."""
        body = bytearray()
        async with self._turn():
            with engine_errors(self.host):
                async with asyncio.timeout(self._timeout_s), self._asked(method, path, **what) as response:
                    async for piece in response.content.iter_any():
                        body += piece
                        if len(body) > self._max_body:
                            raise EngineError(f"{self.host} answered more than {self._max_body} bytes")
        return bytes(body)

    @asynccontextmanager
    async def _asked(self, method: str, path: str, **what: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask, and wait for the head of the answer. What of it was not read by the end closes the connection."""
        with engine_errors(self.host):
            async with asyncio.timeout(self._timeout_s):
                response = await self._open.request(
                    method, self._address(path), allow_redirects=False, proxy=self._proxy, **what
                )
        try:
            if response.status >= 300:
                told = await self._error_body(response)
                raise error_of_status(self.host, response.status, response.headers, told)
            yield response
        finally:
            response.close()

    async def _error_body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read as much of an error as comes; that it breaks off changes nothing about the status."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                async for piece in response.content.iter_any():
                    body += piece
                    if len(body) > MAX_ERROR_BODY:
                        break
        except (aiohttp.ClientError, OSError):  # TimeoutError is one
            pass
        return bytes(body[:MAX_ERROR_BODY])

    async def _piece(self, response: aiohttp.ClientResponse) -> bytes:
        """Wait for the next piece of an answer; empty at its end."""
        with engine_errors(self.host):
            async with asyncio.timeout(self._timeout_s):
                return await response.content.readany()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._turns.acquire()
        except TimeoutError:
            raise EngineBusyError(f"{self._concurrency} requests to {self.host} are under way") from None
        try:
            yield
        finally:
            self._turns.release()

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise EngineError(f"the client for {self.host} is closed")
        return self._session

    def _address(self, path: str) -> URL:
        return self._base.joinpath(path.lstrip("/"))


def _packed(body: Any) -> dict[str, Any]:
    return {"data": msgspec.json.encode(body), "headers": {"Content-Type": "application/json"}}


def _json(host: str, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise EngineError(f"{host} answered something that is not JSON") from None
