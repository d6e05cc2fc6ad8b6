"""The probes of a process without a door."""

import socket

import aiohttp
import pytest

from parley.probes import probed
from signaling.health import Health


async def test_all_three_are_answered() -> None:
    """Alive at once, ready when nothing is missing, metrics always; and nothing else is there."""
    there = {"engine": False}
    health = Health({"engine": lambda: there["engine"]}, {"instance_id": lambda: "stt-rack4-0"})
    async with probed(health, "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
        async with http.get("/healthz") as alive, http.get("/readyz") as ready:
            assert (alive.status, ready.status) == (200, 503)
            assert (await ready.json())["missing"] == ["engine"]
            assert (await alive.json())["instance_id"] == "stt-rack4-0"
        there["engine"] = True
        async with http.get("/readyz") as ready, http.get("/metrics") as metrics, http.get("/") as other:
            assert (ready.status, other.status) == (200, 404)
            assert "parley_loop_lag_seconds" in await metrics.text()


async def test_a_taken_port_is_an_error() -> None:
    """And nothing is left running; the leak guard would tell."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        async with probed(Health({}), "127.0.0.1", taken.getsockname()[1]):
            pass


async def test_an_address_of_the_newer_kind_is_written_as_one() -> None:
    """In brackets."""
    async with probed(Health({}), "::1", 0) as url:
        assert url.startswith("http://[::1]:")
