"""Where public keys come from: a JWK Set in a file or at a URL, looked at now and then, never for each token."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import structlog
from prometheus_client import Counter

from signaling.background import running
from signaling.identity.jwks import LARGEST, JwksError, read_jwks
from signaling.identity.keys import Key
from signaling.identity.settings import TokenSettings

REFRESHES = Counter("parley_token_keys_refreshes_total", "Looks at the JWK Set", ["outcome"])

_log = structlog.get_logger(__name__)


class JwksSource:
    """Keeps the public keys of one issuer. `async with source.open()` while tokens are verified.

    Where they cannot be had anew, those that are here stay for `jwks_keep_s`, and another look is taken every
    `jwks_hurry_s`. Without a file or a URL in the settings there are none, ever.
    """

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings
        self._keys: tuple[Key, ...] = ()
        # Monotonic seconds: of the last look, and of the last that brought keys.
        self._looked_at = float("-inf")
        self._had_at = float("-inf")
        # One look at a time; how many are done.
        self._looking = asyncio.Lock()
        self._looks = 0

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys as they were last seen; none, if that is too long ago."""
        return self._keys if time.monotonic() - self._had_at <= self._settings.jwks_keep_s else ()

    @property
    def is_ready(self) -> bool:
        """Whether the keys are here that should be."""
        return bool(self.keys) or not self._settings.has_jwks

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take a first look, and further ones while the block runs. One that fails is logged, and is no error."""
        if not self._settings.has_jwks:
            yield
            return
        await self._look()
        async with running(self._keep_looking(), name="token-keys"):
            yield

    async def hurry(self) -> bool:
        """Look at once, because a token names a key that is not here; say whether it is worth to look it up again.

        However often it is asked, there is one look in `jwks_hurry_s` at most; who asks meanwhile waits for that one.
        """
        looks = self._looks
        async with self._looking:
            if self._looks != looks:
                return True
            if not self._settings.has_jwks or time.monotonic() - self._looked_at < self._settings.jwks_hurry_s:
                return False
            await self._refresh()
            return True

    async def _keep_looking(self) -> None:
        while True:
            fresh = self._had_at == self._looked_at
            await asyncio.sleep(self._settings.jwks_refresh_s if fresh else self._settings.jwks_hurry_s)
            await self._look()

    async def _look(self) -> None:
        async with self._looking:
            await self._refresh()

    async def _refresh(self) -> None:
        settings = self._settings
        self._looked_at = time.monotonic()
        try:
            async with asyncio.timeout(settings.jwks_timeout_s):
                document = await _fetched(settings.jwks_url) if settings.jwks_url else await _read(settings.jwks_path)
            keys = read_jwks(
                document,
                issuer=settings.jwks_issuer or settings.issuer,
                audience=settings.jwks_audience or settings.audience,
            )
        except JwksError as error:
            self._failed(str(error))
        except (OSError, aiohttp.ClientError) as error:  # TimeoutError is an OSError
            self._failed(type(error).__name__)
        else:
            REFRESHES.labels("done").inc()
            if {key.name for key in keys} != {key.name for key in self._keys}:
                _log.info("token_keys", count=len(keys))
            self._keys, self._had_at = keys, self._looked_at
        finally:
            self._looks += 1

    def _failed(self, why: str) -> None:
        """Say that there was nothing to be had, and how long what is here will do. Neither address nor content."""
        REFRESHES.labels("failed").inc()
        left = self._had_at + self._settings.jwks_keep_s - time.monotonic() if self._keys else 0.0
        _log.warning("token_keys_failed", why=why, kept_for_s=max(0, round(left)))


async def _fetched(url: str) -> bytes:
    """Fetch a set: not from where a redirection leads, and not unpacked, so that its size is what comes."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as http,
        http.get(url, headers=headers, allow_redirects=False) as response,
    ):
        if response.status != 200:
            raise JwksError(f"the answer was {response.status}")
        document = bytearray()
        async for part in response.content.iter_any():
            document += part
            if len(document) > LARGEST:
                break
        return bytes(document)


async def _read(path: Path) -> bytes:
    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)

    return await asyncio.to_thread(read)
