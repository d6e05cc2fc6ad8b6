"""The probes."""

import asyncio
import time
from typing import Any

from aiohttp import web

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
        answer = await response.json()
        assert (response.status, answer["ready"], answer["missing"]) == (200, True, [])


async def test_draining_is_not_ready(house: House) -> None:
    """A load balancer sends nobody new."""
    house.door.health.drain()
    async with house.http.get("/readyz") as response:
        answer = await response.json()
        assert (response.status, answer["ready"], answer["missing"]) == (503, False, ["draining"])


async def test_what_is_needed_is_named() -> None:
    """Before the start, and when something is missing."""
    is_there = {"engines": False, "bus": True}
    health = Health({name: lambda name=name: is_there[name] for name in is_there})  # type: ignore[misc]
    assert health.missing() == ["starting"]
    async with health.watch(0.01):
        assert health.missing() == ["engines"]
        is_there["engines"] = True
        assert health.missing() == []


async def test_probes_tell_what_else_is_known(aiohttp_client: Any) -> None:
    """For people and dashboards: asked anew each time, beside how long the process has run."""
    errors = [0]
    health, app = Health({}, {"instance_id": lambda: "stt-rack4-0", "errors": lambda: errors[0]}), web.Application()
    health.add_routes(app)
    http = await aiohttp_client(app)
    errors[0] = 3
    for probe in ("/healthz", "/readyz"):
        async with http.get(probe) as response:
            answer = await response.json()
        assert (answer["instance_id"], answer["errors"]) == ("stt-rack4-0", 3)
        assert 0 <= answer["uptime_s"] < 60


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
