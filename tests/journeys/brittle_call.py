"""A call over a network that a test can take away: Bea at a browser behind a router; Ann, who talks, by the node."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.async_api import Page

from media_server.rtc.settings import RtcSettings
from parley.settings import Settings
from parley.system import System
from signaling.settings import SignalingSettings
from tests.fakes.said import transcript
from tests.journeys.visitor import Visitor, visitor
from tests.support.bare_node import system_on
from tests.support.caller import Caller, as_sent, call
from tests.support.chromium import CHROMIUM, playwright
from tests.support.namespace import Host, network
from tests.support.until import until

ROOM = "brittle"
NODE, PORT, MEDIA_PORT = "10.3.0.2", 8080, 7000
URL = f"http://{NODE}:{PORT}"
# How often a caption comes, in seconds.
TALK_S = 0.25

# A second of sound, encoded once.
BEEP = as_sent((8_000 * np.sin(np.arange(16_000) * 0.2)).astype(np.int16))

# What the page shows, and how many packets it has got over how many connections.
_LOOK = """async () => {
  let packets = 0;
  for (const peer of window.__peers) {
    if (peer.connectionState === 'closed') continue;
    (await peer.getStats()).forEach((s) => { if (s.type === 'inbound-rtp') packets += s.packetsReceived; });
  }
  return {
    packets,
    connections: window.__peers.length,
    captions: document.querySelectorAll('#captions .line').length,
    banner: document.getElementById('lost').hidden ? '' : document.querySelector('#lost p').textContent,
  };
}"""


@dataclass
class Way:
    """The browser's network, the node's, and the router between them."""

    client: Host
    router: Host
    node: Host

    @contextlib.contextmanager
    def losing_all(self) -> Iterator[None]:
        """Lose every packet while the block runs, without a word to anybody."""
        self._forwards("0")
        try:
            yield
        finally:
            self._forwards("1")

    @contextlib.contextmanager
    def losing_media(self) -> Iterator[None]:
        """Lose UDP while the block runs."""
        rule = ("pref", "1", "ipproto", "udp", "blackhole")
        self.router.run("ip", "rule", "add", *rule)
        try:
            yield
        finally:
            self.router.run("ip", "rule", "del", *rule)

    @contextlib.contextmanager
    def pulled_out(self) -> Iterator[None]:
        """Pull the browser's cable while the block runs."""
        self.client.link("eth0", "down")
        try:
            yield
        finally:
            self.client.link("eth0", "up")
            self.client.route("default", "via", "10.1.0.1")

    def _forwards(self, value: str) -> None:
        with self.router.entered():
            Path("/proc/sys/net/ipv4/ip_forward").write_text(value)


@contextlib.contextmanager
def way() -> Iterator[Way]:
    """Lay the cables."""
    with network() as net:
        client, node, router = (net.host(name) for name in ("client", "node", "router"))
        for host, subnet in ((client, "10.1.0"), (node, "10.3.0")):
            net.cable(host, [f"{subnet}.2/24"], router, [f"{subnet}.1/24"])
            host.route("default", "via", f"{subnet}.1")
        router.forwards()
        yield Way(client, router, node)


@dataclass
class Look:
    """What was to be seen at a moment (monotonic seconds)."""

    at: float
    packets: int
    connections: int
    captions: int
    banner: str


@dataclass
class Watch:
    """Looks at a page all the time. Times are seconds; infinite for what did not happen."""

    looks: list[Look] = field(default_factory=list)

    async def run(self, page: Page) -> None:
        """Look until cancelled."""
        while True:
            at = time.monotonic()
            self.looks.append(Look(at, **await page.evaluate(_LOOK)))
            await asyncio.sleep(0.02)

    @property
    def now(self) -> Look:
        return self.looks[-1]

    def until_sound(self, since: float) -> float:
        """Say how long after a moment a packet came that had not come before."""
        before = self._before(since)
        for look in self._from(since):
            if look.connections > before.connections:  # whose count begins anew
                before = Look(look.at, 0, look.connections, 0, "")
            if look.packets > before.packets:
                return look.at - since
        return float("inf")

    def until_caption(self, since: float) -> float:
        """Say how long after a moment another caption was shown."""
        shown = self._before(since).captions
        return next((look.at - since for look in self._from(since) if look.captions > shown), float("inf"))

    def until_banner(self, since: float) -> float:
        """Say how long after a moment the page told that something is lost."""
        return next((look.at - since for look in self._from(since) if look.banner), float("inf"))

    def _before(self, moment: float) -> Look:
        return next(look for look in reversed(self.looks) if look.at < moment)

    def _from(self, moment: float) -> list[Look]:
        return [look for look in self.looks if look.at >= moment]


@dataclass
class Call:
    """Bea and Ann in a room, and what Bea's page shows."""

    way: Way
    system: System
    bea: Visitor
    ann: Caller
    watch: Watch = field(default_factory=Watch)
    said: list[str] = field(default_factory=list)

    async def talk(self) -> None:
        """Let Ann sound and be captioned until cancelled."""
        while True:
            self.ann.microphone.play(BEEP[: round(TALK_S * 50)])
            number = len(self.said)
            self.said.append(f"sentence {number}")
            fields = {"utterance": f"u{number // 3}", "clause": number % 3, "sequence_number": number}
            await self.system.bus.publish(
                transcript(self.said[-1], room_id=ROOM, user_id=self.ann.participant_id, **fields)  # type: ignore[arg-type]
            )
            await asyncio.sleep(TALK_S)

    async def mended(self, since: float, limit_s: float = 10) -> tuple[float, float]:
        """Wait until sound and captions go on, and nothing is said to be lost. Gives after how long each did."""

        def is_so() -> bool:
            # One caption more may be on its way.
            all_shown = self.watch.now.captions >= len(self.said) - 1
            return self.watch.until_sound(since) < limit_s and all_shown and not self.watch.now.banner

        await until(is_so, limit_s)
        return self.watch.until_sound(since), self.watch.until_caption(since)

    async def is_whole(self) -> None:
        """Check that each sentence stands once and in its order, and that to Ann nobody went or came."""
        shown = await self.bea.captions_shown()
        assert shown == self.said[: len(shown)]
        assert self.ann.events("participant_left") == []
        assert len(self.ann.events("participant_joined")) == 1
        assert {event["participant_id"] for event in self.bea.events("joined")} == {self.bea.participant_id}
        assert len({event["mid"] for event in self.bea.events("slot") if event["kind"] == "floor"}) == 1


@contextlib.asynccontextmanager
async def brittle_system(way: Way) -> AsyncIterator[System]:
    """Run a system on the node, always at the same address."""
    settings = Settings(
        signaling=SignalingSettings(host=NODE, port=PORT, dev_tokens="always"),
        rtc=RtcSettings(host=NODE, port=MEDIA_PORT),
    )
    async with system_on(way.node, settings) as system:
        yield system


@contextlib.asynccontextmanager
async def far_visitor(way: Way, folder: Path) -> AsyncIterator[Visitor]:
    """Give somebody at a browser in the client's network."""
    program = way.client.wrapper(CHROMIUM, folder)
    trusted = f"--unsafely-treat-insecure-origin-as-secure={URL}"
    async with playwright() as driver, visitor(driver, None, program=program, more=[trusted]) as person:
        yield person


@contextlib.asynccontextmanager
async def near_caller(way: Way) -> AsyncIterator[Caller]:
    """Give somebody in the room whose network is the node's own."""
    async with AsyncExitStack() as stack:
        with way.node.entered():
            joining = call(URL, ROOM, name="Ann", speaks="en", hears="en", connect=False)
            caller = await stack.enter_async_context(joining)
            await caller.connect(addresses=[NODE])
        yield caller


@contextlib.asynccontextmanager
async def brittle_call(way: Way, folder: Path) -> AsyncIterator[Call]:
    """Give a call in full swing."""
    async with brittle_system(way) as system, far_visitor(way, folder) as bea, near_caller(way) as ann:
        await bea.join(URL, ROOM, name="Bea", speaks="en", hears="en")
        there = Call(way, system, bea, ann)
        async with _running(there.watch.run(bea.page), there.talk()):
            await until(lambda: bool(there.watch.looks) and there.watch.now.packets > 50, 10)
            yield there


@contextlib.asynccontextmanager
async def _running(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
