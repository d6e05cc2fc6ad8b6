"""A NAT between somebody and the node forgets them in mid-call: they are heard and hear on, from another port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from media_server.rtc.settings import RtcSettings
from parley.settings import Settings
from parley.system import System
from signaling.settings import SignalingSettings
from tests.journeys.visitor import visitor
from tests.support.bare_node import NoEngines
from tests.support.caller import Caller, as_sent, call
from tests.support.chromium import playwright
from tests.support.nat import Nat, nat
from tests.support.until import until

# Where browsers send to, and where the node is.
NAT, NODE = "127.0.0.1", "127.0.0.2"

BEEP = as_sent((8_000 * np.sin(np.arange(16_000) * 0.2)).astype(np.int16))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((NAT, 0))
        port: int = one.getsockname()[1]
        return port


def keep_talking(caller: Caller) -> None:
    """For twenty seconds."""
    for _ in range(20):
        caller.microphone.play(BEEP)


@asynccontextmanager
async def behind_a_nat() -> AsyncIterator[tuple[System, Nat]]:
    """Run a node that is announced at a NAT's address."""
    port = free_port()
    settings = Settings(
        signaling=SignalingSettings(host="127.0.0.1", port=0),
        rtc=RtcSettings(host=NODE, port=port, announce=(NAT,)),
    )
    async with System(settings, engines=NoEngines()) as system:
        with nat((NAT, port), (NODE, port)) as between:
            yield system, between


async def followed(between: Nat, heard: Callable[[], Awaitable[tuple[int, int]]]) -> float:
    """Have the NAT forget all but its first client. Gives the seconds from its first request until both hear on."""
    between.forget(but=1)
    before = await heard()
    async with asyncio.timeout(12):
        while between.asked_at is None:  # noqa: ASYNC110 - nobody says so
            await asyncio.sleep(0.01)
        while not all(new > old + 5 for new, old in zip(await heard(), before, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return asyncio.get_running_loop().time() - between.asked_at


async def test_a_browser_is_followed_to_its_new_port() -> None:
    """Within a second of its first request from there, both ways."""
    async with (
        behind_a_nat() as (system, between),
        call(system.url, "moving", name="Stays", speaks="en", hears="en") as stays,
        playwright() as driver,
        visitor(driver, None) as moves,
    ):
        await moves.join(system.url, "moving", name="Moves", speaks="en", hears="en")
        keep_talking(stays)
        await until(lambda: len(stays.on("floor")) > 20, 10)

        async def heard() -> tuple[int, int]:
            return sum(map(len, stays.heard.values())), await moves.packets("floor")

        assert await followed(between, heard) < 1


@pytest.mark.soak
async def test_one_that_nominates_only_once_is_followed_as_well() -> None:
    """A client that says no more than that it is still there, every five seconds, as RFC 7675 wants it."""
    async with (
        behind_a_nat() as (system, between),
        call(system.url, "moving", name="Stays", speaks="en", hears="en") as stays,
        call(system.url, "moving", name="Moves", speaks="en", hears="en") as moves,
    ):
        keep_talking(stays)
        keep_talking(moves)
        await until(lambda: len(stays.on("floor")) > 20 and len(moves.on("floor")) > 20, 10)

        async def heard() -> tuple[int, int]:
            return len(stays.on("floor")), len(moves.on("floor"))

        assert await followed(between, heard) < 1
