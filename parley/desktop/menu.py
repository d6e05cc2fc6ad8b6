"""What a server can do, for the menus of languages."""

from typing import Any

import aiohttp
import msgspec

from parley.client.address import Address
from parley.client.rest import TIMEOUT_S, session


class _Spoken(msgspec.Struct, frozen=True):
    language: str
    recognised: bool = True


class _Heard(msgspec.Struct, frozen=True):
    language: str


class Languages(msgspec.Struct, frozen=True):
    """The tags that can be spoken and read; both empty where the server did not say."""

    speak: tuple[_Spoken, ...] = ()
    listen: tuple[_Heard, ...] = ()

    @property
    def to_speak(self) -> list[str]:
        """Those that are recognised."""
        return [each.language for each in self.speak if each.recognised]

    @property
    def to_read(self) -> list[str]:
        """Those that captions can be had in."""
        return [each.language for each in self.listen]


async def languages(url: str, *, http: aiohttp.ClientSession | None = None) -> Languages:
    """Ask a server for its languages. What cannot be had is no matter: any tag can be written in the terminal."""
    timeout: Any = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            session(http) as using,
            using.get(Address(url).page("api/v1/languages"), timeout=timeout) as response,
        ):
            response.raise_for_status()
            return msgspec.json.decode(await response.read(), type=Languages)
    except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError):
        return Languages()
