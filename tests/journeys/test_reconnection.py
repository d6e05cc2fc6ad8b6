"""A network that goes away and comes back, between a browser and the server: the call mends itself.

Of one call, in which each test finds everything mended and leaves it so; the last but one ends it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.brittle_call import ROOM, URL, Call, Way, brittle_call, brittle_system, far_visitor, way
from tests.support.chromium import eavesdropped_page

pytestmark = [
    pytest.mark.journey,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.blocks_loop("the networks are told by programs what to lose, and Ann is stock aiortc"),
]

# Between two losses of media: the browser takes some seconds to be sure that all is well again.
CALM_S = 4
WITHIN_S = {"after a short loss": 1.0, "after a long one": 5.0, "to the banner": 6.0}


@pytest.fixture(scope="module")
def land() -> Iterator[Way]:
    """Give the network of the call."""
    with way() as land:
        yield land


@pytest.fixture
def another_land() -> Iterator[Way]:
    """Give a network with nothing in it."""
    with way() as land:
        yield land


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def call(land: Way, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Call]:
    async with brittle_call(land, tmp_path_factory.mktemp("chromium")) as call:
        yield call


def report(what: str, **seconds: float) -> None:
    """Say what was measured; shown by `pytest -s`."""
    print(what, {name: round(value, 2) for name, value in seconds.items()})  # noqa: T201


async def test_two_seconds_without_a_network(call: Call) -> None:
    """Sound and captions are back within a second of the network's return, over the same connection for sound."""
    connections = call.watch.now.connections
    with call.way.losing_all():
        await asyncio.sleep(2)
    back = time.monotonic()
    sound, caption = await call.mended(back)
    report("2 s", sound=sound, caption=caption)
    assert sound < WITHIN_S["after a short loss"]
    assert caption < WITHIN_S["after a short loss"]
    assert call.watch.now.connections == connections
    await call.is_whole()


@pytest.mark.parametrize("seconds", [8, pytest.param(20, marks=pytest.mark.soak)])
async def test_a_long_time_without_a_network(call: Call, seconds: int) -> None:
    """The page says so within 6 s, and is back within 5 s of the network's return, as who it was."""
    cut = time.monotonic()
    with call.way.losing_all():
        await asyncio.sleep(seconds)
    back = time.monotonic()
    sound, caption = await call.mended(back)
    banner = call.watch.until_banner(cut)
    report(f"{seconds} s", banner=banner, sound=sound, caption=caption)
    assert banner < WITHIN_S["to the banner"]
    assert max(sound, caption) < WITHIN_S["after a long one"]
    await call.is_whole()


@pytest.mark.soak
@pytest.mark.parametrize("seconds", [2, 8, 20])
async def test_only_media_are_lost(call: Call, seconds: int) -> None:
    """Captions go on by the same socket; sound comes back by itself, and a longer loss of it is told."""
    await asyncio.sleep(CALM_S)
    joined = len(call.bea.events("joined"))
    cut = time.monotonic()
    with call.way.losing_media():
        await asyncio.sleep(seconds)
    back = time.monotonic()
    sound, _ = await call.mended(back)
    banner = call.watch.until_banner(cut)
    report(f"{seconds} s of media", banner=banner, sound=sound)
    assert sound < WITHIN_S["after a short loss" if seconds == 2 else "after a long one"]
    assert seconds == 2 or banner < WITHIN_S["to the banner"]
    assert len(call.bea.events("joined")) == joined
    await call.is_whole()


@pytest.mark.soak
async def test_a_cable_is_pulled(call: Call) -> None:
    """The browser's own network goes down, which it notices, and comes up again."""
    cut = time.monotonic()
    with call.way.pulled_out():
        await asyncio.sleep(6)
    back = time.monotonic()
    sound, caption = await call.mended(back)
    banner = call.watch.until_banner(cut)
    report("cable", banner=banner, sound=sound, caption=caption)
    assert banner < WITHIN_S["to the banner"]
    assert max(sound, caption) < WITHIN_S["after a long one"]
    await call.is_whole()


async def test_a_new_tab_takes_over(call: Call) -> None:
    """The same identity in another tab: the old one says so, and sound goes on in the new one, in the same slot."""
    before = {event["mid"] for event in call.bea.events("slot") if event["kind"] == "floor"}
    token = call.bea.events("joined")[-1]["resume_token"]
    assert call.bea.page.context.browser is not None
    tab = await eavesdropped_page(call.bea.page.context.browser)
    await tab.goto(f"{URL}/r/{ROOM}?raw=1&token={token}")
    await tab.fill("#name", "Bea")
    await tab.click("#go")
    await call.bea.page.wait_for_selector("#ended:not([hidden])")
    assert (await call.bea.page.inner_text("#ended-title")).strip() == "You joined from another window"
    await tab.wait_for_selector("html[data-connection=connected]", state="attached")
    (mid,) = before
    sounds = f"document.querySelector(\"audio[data-mid='{mid}'][data-kind=floor]\")?.currentTime > 0.5"
    async with asyncio.timeout(10):
        while not await tab.evaluate(sounds):  # noqa: ASYNC110 - the page does not call us
            await asyncio.sleep(0.05)
    assert call.ann.events("participant_left") == []
    assert len(call.system.rooms.open(ROOM).participants) == 2
    await tab.close()
    await call.ann.wait_for("participant_left", lambda left: left["reason"] == "left")


async def test_the_server_starts_anew(another_land: Way, tmp_path: Path) -> None:
    """It says goodbye, comes up again, and the page is back in the room without anybody's doing."""
    async with far_visitor(another_land, tmp_path) as bea:
        async with brittle_system(another_land):
            await bea.join(URL, ROOM, name="Bea", speaks="en", hears="en")
        await bea.page.wait_for_selector("#lost:not([hidden])")
        assert "restarting" in await bea.page.inner_text("#lost p")
        await asyncio.sleep(1)
        async with brittle_system(another_land) as system:
            up = time.monotonic()
            await bea.page.wait_for_selector("html[data-link=open][data-connection=connected]", state="attached")
            report("restart", back=time.monotonic() - up)
            assert time.monotonic() - up < WITHIN_S["after a long one"]
            assert [each.info.name for each in system.rooms.open(ROOM).participants.values()] == ["Bea"]
            assert await bea.page.is_hidden("#lost")
