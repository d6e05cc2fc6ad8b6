"""The parts, put together."""

import socket

import aiohttp
import pytest

from media_server.rtc.settings import RtcSettings
from parley.settings import Settings
from parley.system import System
from signaling.settings import SignalingSettings
from tests.fakes.engines import Scripted
from tests.support.until import until


def settings(port: int = 0, media_port: int = 0) -> Settings:
    return Settings(
        signaling=SignalingSettings(host="127.0.0.1", port=port),
        rtc=RtcSettings(host="127.0.0.1", port=media_port),
    )


async def test_a_system_becomes_ready_and_serves_its_page() -> None:
    """Once the workers have said what they can do, the door is open."""
    async with System(settings(), engines=Scripted()) as system, aiohttp.ClientSession(system.url) as http:
        await until(lambda: system.rooms.paths.can("en", "es"))
        async with http.get("/readyz") as ready, http.get("/r/garden") as page:
            assert (ready.status, page.status) == (200, 200)


async def test_a_closed_system_is_gone() -> None:
    """Its ports are free, so that the next one starts in its place."""
    async with System(settings(), engines=Scripted()) as system:
        url = system.url
    port = int(url.rpartition(":")[2])
    async with System(settings(port), engines=Scripted()) as system:
        assert system.url == url


async def test_a_taken_port_is_an_error_and_leaves_nothing_running() -> None:
    """Whatever had been started is stopped; the leak guard would tell."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        async with System(settings(taken.getsockname()[1]), engines=Scripted()):
            pass


async def test_what_an_engine_can_do_now_is_what_is_offered() -> None:
    """A pair that is lost, or found, is known at the door within seconds."""
    scripted = Scripted()
    async with System(settings(), engines=scripted) as system:
        await until(lambda: system.rooms.paths.can("en", "es"))
        scripted.translator.pairs = frozenset({("en", "fr")})
        await until(lambda: system.rooms.paths.can("en", "fr") and not system.rooms.paths.can("en", "es"))
