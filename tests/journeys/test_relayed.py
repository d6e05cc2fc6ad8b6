"""People whose networks let no sound through to the server: they come by way of a TURN server, or are told why not."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from media_server.rtc.settings import RtcSettings
from parley.settings import Settings
from parley.system import System
from signaling.settings import SignalingSettings, TurnSettings
from tests.journeys.visitor import Visitor, visitor
from tests.support.bare_node import system_on
from tests.support.caller import Caller, as_sent, call
from tests.support.chromium import CHROMIUM, playwright, statistics
from tests.support.coturn import PORT, SECRET, coturn
from tests.support.namespace import Host, network
from tests.support.until import until

CLIENT, RELAY, NODE = "10.1.0.2", "10.2.0.2", "10.3.0.2"
UDP, TCP = f"turn:{RELAY}:{PORT}?transport=udp", f"turn:{RELAY}:{PORT}?transport=tcp"

# The client's firewall: none to the node but for the page and signaling; or no UDP at all.
NO_DIRECT_UDP = f"ip saddr {CLIENT} ip daddr {NODE} meta l4proto udp drop"
NO_UDP = f"ip saddr {CLIENT} meta l4proto udp drop"
NO_RELAY = f"ip saddr {CLIENT} ip daddr {RELAY} drop"

# A second of sound, encoded once.
BEEP = as_sent((8_000 * np.sin(np.arange(16_000) * 0.2)).astype(np.int16))


@dataclass
class Land:
    """A client, a TURN server and a node, each in a network of its own, and the router between them."""

    client: Host
    router: Host
    node: Host

    def blocks(self, *rules: str) -> None:
        """Set the firewall between them anew."""
        lines = ["table ip wall", "delete table ip wall", "table ip wall {", "chain forward {"]
        lines += ["type filter hook forward priority 0; policy accept;", *rules, "}", "}"]
        self.router.nft("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Land]:
    with network() as net:
        client, relay, node, router = (net.host(name) for name in ("client", "relay", "node", "router"))
        for number, host in enumerate((client, relay, node), 1):
            net.cable(host, [f"10.{number}.0.2/24"], router, [f"10.{number}.0.1/24"])
            host.route("default", "via", f"10.{number}.0.1")
        router.forwards()
        with coturn(relay, tmp_path_factory.mktemp("coturn"), [RELAY], allowed=[NODE]):
            yield Land(client, router, node)


@dataclass
class Place:
    """A running system, and whoever wants to reach it."""

    land: Land
    system: System
    folder: Path

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Visitor]:
        """Give somebody at a browser in the client's network."""
        program = self.land.client.wrapper(CHROMIUM, self.folder)
        trusted = f"--unsafely-treat-insecure-origin-as-secure={self.system.url}"
        async with playwright() as driver, visitor(driver, None, program=program, more=[trusted]) as person:
            yield person

    @asynccontextmanager
    async def neighbour(self) -> AsyncIterator[Caller]:
        """Give somebody who is in the room from the node's own network."""
        async with AsyncExitStack() as stack:
            with self.land.node.entered():
                joining = call(self.system.url, "relayed", name="Near", speaks="en", hears="en", connect=False)
                caller = await stack.enter_async_context(joining)
                await caller.connect(addresses=[NODE])
            yield caller


@asynccontextmanager
async def place(
    land: Land, folder: Path, *, urls: tuple[str, ...] = (UDP, TCP), secret: str = SECRET, **door: Any
) -> AsyncIterator[Place]:
    """Run a system on the node."""
    turn = TurnSettings(urls=urls, secret=secret)
    settings = Settings(
        signaling=SignalingSettings(host=NODE, port=0, dev_tokens="always", turn=turn, **door),
        rtc=RtcSettings(host=NODE, port=0),
    )
    async with system_on(land.node, settings) as system:
        yield Place(land, system, folder)


async def way(person: Visitor) -> tuple[str, str | None]:
    """Say which kind of candidate is in use, and how it reaches its TURN server."""
    found = {entry["id"]: entry for entry in await statistics(person.page)}
    [transport] = [entry for entry in found.values() if entry["type"] == "transport"]
    local = found[found[transport["selectedCandidatePairId"]]["localCandidateId"]]
    return local["candidateType"], local.get("relayProtocol")


async def said(person: Visitor, limit_s: float) -> str:
    """Wait for the strip that tells what is wrong, other than that sound is missing; give its words."""
    shown = ""
    async with asyncio.timeout(limit_s):
        while not any(word in shown for word in ("relay", "network", "retransmisión", "red")):
            shown = await person.page.inner_text("#lost p")
            await asyncio.sleep(0.05)
    return shown


@pytest.fixture
def walls(request: pytest.FixtureRequest, land: Land) -> None:
    """Set the firewall of one test, outside of its loop."""
    land.blocks(*request.param)


no_direct_udp = pytest.mark.parametrize("walls", [[NO_DIRECT_UDP]], indirect=True, ids=["no direct udp"])


@pytest.mark.parametrize(
    ("walls", "urls", "protocol"),
    [
        pytest.param([NO_DIRECT_UDP], (UDP,), "udp", id="udp"),
        pytest.param([NO_UDP], (UDP, TCP), "tcp", id="tcp", marks=pytest.mark.soak),
    ],
    indirect=["walls"],
)
async def test_sound_comes_through_the_relay(
    walls: None, land: Land, tmp_path: Path, urls: tuple[str, ...], protocol: str
) -> None:
    """Within 5 s, both ways: over UDP, and over TCP where the network lets no UDP out at all."""
    async with place(land, tmp_path, urls=urls) as here, here.visitor() as far, here.neighbour() as near:
        await far.enter(here.system.url, "relayed", name="Far", speaks="en", hears="en")
        entered = time.monotonic()
        await far.page.wait_for_selector("html[data-connection=connected]", state="attached")
        assert time.monotonic() - entered < 5
        assert await way(far) == ("relay", protocol)
        for _ in range(30):
            near.microphone.play(BEEP)
        await until(lambda: len(near.on("floor")) > 20, 20)
        async with asyncio.timeout(20):
            while await far.packets("floor") < 20:  # noqa: ASYNC110 - the page does not call us
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("walls", [[]], indirect=True, ids=["no walls"])
async def test_relay_only_leaves_no_other_way(walls: None, land: Land, tmp_path: Path) -> None:
    """The node hears from the relay, though the browser could reach it."""
    async with place(land, tmp_path, relay_only=True) as here, here.visitor() as far:
        await far.join(here.system.url, "relayed", name="Far", speaks="en", hears="en")
        assert (await way(far))[0] == "relay"


@pytest.mark.soak
@no_direct_udp
async def test_a_wrong_credential_is_told(walls: None, land: Land, tmp_path: Path) -> None:
    """Within 10 s, with what to do."""
    secret = "another-secret-than-the-relay-has"  # noqa: S105 - of nobody
    async with place(land, tmp_path, secret=secret) as here, here.visitor() as far:
        await far.enter(here.system.url, "relayed", name="Far", speaks="en", hears="en")
        assert "did not let this call in (error 401). Leave and join again" in await said(far, 10)


@pytest.mark.soak
@no_direct_udp
async def test_an_expired_credential_is_told(
    walls: None, land: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once where nothing but the relay was wanted, and in the reader's language."""
    monkeypatch.setattr("signaling.turn.time", SimpleNamespace(time=lambda: time.time() - 2 * 3600))
    async with place(land, tmp_path, relay_only=True) as here, here.visitor() as far:
        for language, words in (("en", "did not let this call in"), ("es", "no admitió esta llamada (error 401)")):
            query = f"&ui={language}"
            await far.enter(here.system.url, "relayed", name="Far", speaks="en", hears="en", query=query)
            assert words in await said(far, 8)


@pytest.mark.soak
@pytest.mark.parametrize("walls", [[NO_UDP, NO_RELAY]], indirect=True, ids=["no way"])
async def test_a_closed_way_is_told(walls: None, land: Land, tmp_path: Path) -> None:
    """Where the network lets nothing through, and the relay does not help, or there is none."""
    async with (
        place(land, tmp_path, urls=(UDP,)) as here,
        place(land, tmp_path, urls=()) as there,
        here.visitor() as one,
    ):
        other = Visitor(await one.page.context.new_page())
        await one.enter(here.system.url, "relayed", name="One", speaks="en", hears="en")
        await other.enter(there.system.url, "relayed", name="Other", speaks="en", hears="en")
        assert "relay server cannot be reached" in await said(one, 10)
        assert "No sound gets through" in await said(other, 10)


async def test_a_relay_that_is_not_there_is_told(land: Land, tmp_path: Path) -> None:
    """Somebody who asks for one on a server that has none need not wait."""
    async with place(land, tmp_path, urls=()) as here, here.visitor() as far:
        await far.enter(here.system.url, "relayed", name="Far", speaks="en", hears="en", query="&relay=1")
        assert "Open the page without ?relay=1" in await said(far, 8)
