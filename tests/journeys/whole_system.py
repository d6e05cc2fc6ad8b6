"""What journeys start from: a whole system on loopback, with the real engines or with scripted ones."""

import contextlib
from collections.abc import AsyncIterator

from media_server.rtc.settings import RtcSettings
from media_server.settings import MediaSettings
from parley.settings import Settings
from parley.stages import EngineSet
from parley.system import System
from signaling.settings import SignalingSettings


@contextlib.asynccontextmanager
async def whole_system(
    engines: EngineSet | None = None, *, media: MediaSettings | None = None
) -> AsyncIterator[System]:
    """Run everything in this process (engines in theirs), reachable on 127.0.0.1 alone."""
    settings = Settings(
        signaling=SignalingSettings(host="127.0.0.1", port=0),
        rtc=RtcSettings(host="127.0.0.1", port=0),
        media=media or MediaSettings(),
    )
    async with System(settings, engines=engines) as system:
        yield system
