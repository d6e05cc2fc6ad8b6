"""The probes."""

import asyncio
import time

from signaling.health import Health
from tests.signaling.conftest import House


async def test_alive(house: House) -> None:
    """As long as the loop runs, whatever else is wrong."""
    house.door.health.drain()
    async with house.http.get("/healthz") as response:
        assert response.status == 200
        assert (await response.json())["alive"] is True


async def test_ready(house: House) -> None:
    """Once the captions come in."""
    async with house.http.get("/readyz") as response:
        assert (response.status, await response.json()) == (200, {"ready": True, "missing": []})


async def test_draining_is_not_ready(house: House) -> None:
    """A load balancer sends nobody new."""
    house.door.health.drain()
    async with house.http.get("/readyz") as response:
        assert (response.status, await response.json()) == (503, {"ready": False, "missing": ["draining"]})


async def test_what_is_needed_is_named() -> None:
    """Before the start, and when something is missing."""
    is_there = {"engines": False, "bus": True}
    health = Health({name: lambda name=name: is_there[name] for name in is_there})  # type: ignore[misc]
    assert health.missing() == ["starting"]
    async with health.watch(0.01):
        assert health.missing() == ["engines"]
        is_there["engines"] = True
        assert health.missing() == []


async def test_the_lag_of_the_loop_is_seen() -> None:
    """A step that holds the loop shows."""
    health = Health({})
    async with health.watch(0.01):
        await asyncio.sleep(0.005)
        time.sleep(0.1)  # noqa: ASYNC251 - this is what is measured
        await asyncio.sleep(0.005)
        assert health.loop_lag_s > 0.05


async def test_metrics(house: House) -> None:
    """In Prometheus' text format, our own among them."""
    async with house.http.get("/metrics") as response:
        assert response.content_type == "text/plain"
        text = await response.text()
    assert "parley_sessions" in text
    assert "parley_ready 1.0" in text
