"""The one UDP port, reached by the addresses that the node announces: behind a NAT, over IPv6, on a host of many."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from media_server.rtc.settings import RtcSettings
from parley.settings import Settings
from parley.system import System
from signaling.settings import SignalingSettings
from tests.journeys.visitor import visitor
from tests.support.bare_node import system_on
from tests.support.caller import Caller, as_sent, call
from tests.support.chromium import CHROMIUM, playwright
from tests.support.namespace import Host, network
from tests.support.until import until

CLIENT, CLIENT6 = "10.1.0.2", "2001:db8:1::2"
# The router, as the client sees it: where the node's ports are published.
PUBLIC, PUBLIC6 = "10.1.0.1", "2001:db8:1::1"
NODE, NODE6 = "10.3.0.2", "fd03::2"
SECOND = "10.3.0.3"
HTTP_PORT, MEDIA_PORT = 8080, 7000

# Publishes two ports as `docker run -p 8080:8080 -p 7000:7000/udp` does, and lets nothing else through to the node.
NAT = f"""
table ip nat {{
  chain prerouting {{
    type nat hook prerouting priority -100; policy accept;
    ip daddr {PUBLIC} tcp dport {HTTP_PORT} dnat to {NODE}
    ip daddr {PUBLIC} udp dport {MEDIA_PORT} dnat to {NODE}
  }}
}}
table ip6 nat {{
  chain prerouting {{
    type nat hook prerouting priority -100; policy accept;
    ip6 daddr {PUBLIC6} tcp dport {HTTP_PORT} dnat to {NODE6}
    ip6 daddr {PUBLIC6} udp dport {MEDIA_PORT} dnat to {NODE6}
  }}
}}
table inet wall {{
  chain forward {{
    type filter hook forward priority 0; policy accept;
    iifname "eth0" ct status dnat accept
    iifname "eth0" drop
  }}
}}
"""

# A second of sound, encoded once.
BEEP = as_sent((8_000 * np.sin(np.arange(16_000) * 0.2)).astype(np.int16))


@dataclass
class Site:
    """A client on one side of a router, a node on the other."""

    client: Host
    node: Host


@pytest.fixture
def published() -> Iterator[Site]:
    """Give a node that only its router's published ports lead to."""
    with network() as net:
        client, router, node = net.host("client"), net.host("router"), net.host("node")
        net.cable(client, [f"{CLIENT}/24", f"{CLIENT6}/64"], router, [f"{PUBLIC}/24", f"{PUBLIC6}/64"])
        net.cable(router, ["10.3.0.1/24", "fd03::1/64"], node, [f"{NODE}/24", f"{NODE6}/64"])
        node.route("default", "via", "10.3.0.1")
        node.route("default", "via", "fd03::1")
        router.forwards()
        router.nft(NAT)
        yield Site(client, node)


@pytest.fixture
def six() -> Iterator[Site]:
    """Give a network without IPv4."""
    with network() as net:
        client, node = net.host("client"), net.host("node")
        net.cable(client, ["fd03::1/64"], node, [f"{NODE6}/64"])
        yield Site(client, node)


@pytest.fixture
def twofold() -> Iterator[Site]:
    """Give a node that has two addresses on one cable."""
    with network() as net:
        client, node = net.host("client"), net.host("node")
        net.cable(client, ["10.3.0.1/24"], node, [f"{NODE}/24", f"{SECOND}/24"])
        yield Site(client, node)


@asynccontextmanager
async def node_at(site: Site, host: str, announce: tuple[str, ...] = ()) -> AsyncIterator[System]:
    """Run a node whose media port is on every interface."""
    settings = Settings(
        signaling=SignalingSettings(host=host, port=HTTP_PORT, dev_tokens="always"),
        rtc=RtcSettings(port=MEDIA_PORT, announce=announce),
    )
    async with system_on(site.node, settings) as system:
        yield system


@asynccontextmanager
async def caller_at(site: Site, url: str, name: str, addresses: Sequence[str]) -> AsyncIterator[Caller]:
    """Let somebody in the client's network into the room."""
    async with AsyncExitStack() as stack:
        with site.client.entered():
            joining = call(url, "reached", name=name, speaks="en", hears="en", connect=False)
            caller = await stack.enter_async_context(joining)
            await caller.connect(addresses=addresses)
        yield caller


def candidates(caller: Caller) -> list[tuple[str, int]]:
    """Give the addresses in the node's answer, in its order."""
    [answer] = caller.events("answer")
    found = re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", answer["sdp"], re.MULTILINE)
    return [(host, int(port)) for host, port in dict.fromkeys(found)]


async def hears(one: Caller, other: Caller) -> None:
    """Have one speak, until the other hears it."""
    for _ in range(10):
        one.microphone.play(BEEP)
    await until(lambda: len(other.on("floor")) > 20, 10)


async def test_a_published_port_is_all_that_a_browser_needs(published: Site, tmp_path: Path) -> None:
    """The node sits behind a NAT; the page is opened, and sound comes, at the NAT's address."""
    program = published.client.wrapper(CHROMIUM, tmp_path)
    url = f"http://{PUBLIC}:{HTTP_PORT}"
    more = [f"--unsafely-treat-insecure-origin-as-secure={url}"]
    async with (
        node_at(published, NODE, announce=(PUBLIC, PUBLIC6)),
        playwright() as driver,
        visitor(driver, None, program=program, more=more) as far,
        caller_at(published, url, "Near", [CLIENT]) as near,
    ):
        await far.join(url, "reached", name="Far", speaks="en", hears="en")
        await until(lambda: len(near.on("floor")) > 20, 10)


async def test_what_is_announced_is_what_is_answered(published: Site) -> None:
    """Both families, with the port that is published, and none of the node's own addresses."""
    async with node_at(published, NODE, announce=(PUBLIC, PUBLIC6)):
        url = f"http://{PUBLIC}:{HTTP_PORT}"
        async with (
            caller_at(published, url, "Four", [CLIENT]) as four,
            caller_at(published, url, "Six", [CLIENT6]) as six,
        ):
            assert candidates(four) == [(PUBLIC, MEDIA_PORT), (PUBLIC6, MEDIA_PORT)]
            await hears(four, six)


async def test_a_network_without_ipv4_will_do(six: Site) -> None:
    """Page, signaling and sound over IPv6 alone; nothing is set but where to serve the page."""
    async with (
        node_at(six, NODE6) as system,
        caller_at(six, system.url, "One", ["fd03::1"]) as one,
        caller_at(six, system.url, "Other", ["fd03::1"]) as other,
    ):
        assert (NODE6, MEDIA_PORT) in candidates(one)
        await hears(one, other)


async def test_a_host_of_many_addresses_answers_from_the_announced_one(twofold: Site) -> None:
    """Its routes would pick the other one, whose answers a browser does not take."""
    async with (
        node_at(twofold, SECOND, announce=(SECOND,)) as system,
        caller_at(twofold, system.url, "One", ["10.3.0.1"]) as one,
        caller_at(twofold, system.url, "Other", ["10.3.0.1"]) as other,
    ):
        assert candidates(one) == [(SECOND, MEDIA_PORT)]
        await hears(one, other)
