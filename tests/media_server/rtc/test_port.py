"""The node's one UDP port."""

import asyncio
import errno
import socket
from unittest import mock

import pytest
from prometheus_client import REGISTRY

from media_server.rtc.port import MediaPort, _bound
from tests.media_server.rtc.browser import until
from tests.media_server.rtc.test_demux import MEDIA, NotedLeg

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the setting under test


def client(family: int = socket.AF_INET) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
    return sock


def has_ipv6() -> bool:
    try:
        client(socket.AF_INET6).close()
    except OSError:
        return False
    return True


async def test_datagrams_come_in_and_go_out() -> None:
    """A connection is reached through the port, and answers from it."""
    leg = NotedLeg("ana")
    async with MediaPort(host="127.0.0.1") as port:
        port.demux.add(leg)
        with client() as browser:
            browser.sendto(leg.knock(), ("127.0.0.1", port.port))
            browser.sendto(MEDIA, ("127.0.0.1", port.port))
            await until(lambda: leg.media == [MEDIA])
            port.send(b"hello", leg.stun[0], leg)
            browser.settimeout(1)
            assert browser.recvfrom(100) == (b"hello", ("127.0.0.1", port.port))


async def test_an_announced_address_of_its_own_is_what_it_is_bound_to() -> None:
    """The kernel then answers from it, whatever its routes would pick; the other family is open as ever."""
    async with MediaPort(announce=["127.0.0.1"], interfaces=lambda: ["192.0.2.1", "127.0.0.1"]) as port:
        bound = {family: sock.getsockname()[0] for family, sock in port._sockets.items()}
        assert bound.pop(False) == "127.0.0.1"
        assert set(bound.values()) <= {"::"}


@pytest.mark.parametrize("announce", [["192.0.2.1"], ["127.0.0.1", "127.0.0.2"], []])
async def test_otherwise_it_is_bound_to_every_interface(announce: list[str]) -> None:
    """A NAT's address is none to bind to, and of two one would not do."""
    async with MediaPort(announce=announce, interfaces=lambda: ["127.0.0.1", "127.0.0.2"]) as port:
        assert port._sockets[False].getsockname()[0] == EVERYWHERE


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_both_families_share_the_number() -> None:
    """By default both are open, on the same port, and an IPv6 browser is told apart like any other."""
    leg = NotedLeg("ana")
    async with MediaPort() as port:
        assert "127.0.0.1" in port.announced
        assert "::1" in port.announced
        port.demux.add(leg)
        with client(socket.AF_INET6) as browser:
            browser.sendto(leg.knock(), ("::1", port.port))
            await until(lambda: leg.stun)
            assert leg.stun[0] == ("::1", browser.getsockname()[1])
            port.send(b"hello", leg.stun[0], leg)
            browser.settimeout(1)
            assert browser.recv(100) == b"hello"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_any_port_is_one_that_is_free_in_both_families() -> None:
    """If what IPv4 got is taken in IPv6, another one is tried."""
    tried: list[tuple[str, int]] = []

    def bound_the_second_time(host: str, port: int) -> socket.socket:
        tried.append((host, port))
        if len(tried) == 2:
            raise OSError(errno.EADDRINUSE, "in use")
        return _bound(host, port)

    with mock.patch("media_server.rtc.port._bound", bound_the_second_time):
        async with MediaPort() as port:
            assert [host for host, _ in tried] == [EVERYWHERE, "::"] * 2
            assert tried[-1] == ("::", port.port)


async def test_what_is_announced() -> None:
    """The bound address; or this host's and loopback; or what is set."""
    async with MediaPort(host="127.0.0.1") as port:
        assert port.announced == ("127.0.0.1",)
    async with MediaPort(host=EVERYWHERE, interfaces=lambda: ["192.0.2.1", "2001:db8::1"]) as port:
        assert port.announced == ("192.0.2.1", "127.0.0.1")
    async with MediaPort(host=EVERYWHERE, announce=["203.0.113.5"]) as port:
        assert port.announced == ("203.0.113.5",)


async def test_an_address_that_cannot_be_reached_is_not_announced() -> None:
    """Naming one of a closed family is an error at the start, not a silent call later."""
    with pytest.raises(ValueError, match="2001:db8::1"):
        async with MediaPort(host="127.0.0.1", announce=["2001:db8::1"]):
            pass


@pytest.mark.parametrize("setting", [{"host": "localhost"}, {"announce": ["example.org"]}])
def test_only_addresses_can_be_set(setting: dict[str, str]) -> None:
    """Names would have to be looked up."""
    with pytest.raises(ValueError, match="does not appear to be"):
        MediaPort(**setting)  # type: ignore[arg-type]


async def test_a_taken_port_is_an_error() -> None:
    """Two nodes cannot have the same one; nothing is left open."""
    async with MediaPort(host="127.0.0.1") as first:
        with pytest.raises(OSError, match="in use"):
            await MediaPort(host="127.0.0.1", port=first.port).__aenter__()


async def test_a_fault_costs_one_datagram() -> None:
    """What a connection raises is counted, and the next datagram is taken."""
    leg = NotedLeg("ana")
    fine = leg.receive_media

    def fail(data: bytes) -> None:
        leg.receive_media = fine  # type: ignore[method-assign]
        raise RuntimeError("a fault")

    leg.receive_media = fail  # type: ignore[method-assign]
    before = REGISTRY.get_sample_value("parley_rtc_datagram_faults_total") or 0
    async with MediaPort(host="127.0.0.1") as port:
        port.demux.add(leg)
        with client() as browser:
            for datagram in (leg.knock(), MEDIA, MEDIA):
                browser.sendto(datagram, ("127.0.0.1", port.port))
            await until(lambda: leg.media)
    assert REGISTRY.get_sample_value("parley_rtc_datagram_faults_total") == before + 1


async def test_what_cannot_be_sent_is_counted() -> None:
    """No exception: the sender has other things to do."""
    leg = NotedLeg("ana")
    before = REGISTRY.get_sample_value("parley_rtc_send_failures_total") or 0
    async with MediaPort(host="127.0.0.1") as port:
        port.send(b"x" * 70_000, ("127.0.0.1", 9), leg)
        port.send(b"x", ("::1", 9), leg)
    port.send(b"x", ("127.0.0.1", 9), leg)
    assert REGISTRY.get_sample_value("parley_rtc_send_failures_total") == before + 3


async def test_a_flood_lets_others_have_their_turn() -> None:
    """Datagrams are taken in batches: a callback that is due runs between them."""
    leg = NotedLeg("ana")
    async with MediaPort(host="127.0.0.1") as port:
        port.demux.add(leg)
        with client() as browser:
            browser.sendto(leg.knock(), ("127.0.0.1", port.port))
            for _ in range(500):
                browser.sendto(MEDIA, ("127.0.0.1", port.port))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert len(leg.media) < 400
            await until(lambda: len(leg.media) == 500)
