"""Whose datagram is it?"""

import pytest
from prometheus_client import REGISTRY

from media_server.rtc import demux
from media_server.rtc.demux import Address, Demux
from tests.media_server.rtc.test_stun import request

HOME = ("192.0.2.1", 40_000)
AWAY = ("198.51.100.9", 41_000)
DTLS = b"\x16handshake"
MEDIA = b"\x80\x6fsound"
RESPONSE = b"\x01\x01\x00\x00\x21\x12\xa4\x42"


class NotedLeg:
    """Notes what it is handed."""

    def __init__(self, username: str, password: bytes = b"password of this one") -> None:
        self.username = username
        self.password = password
        self.stun: list[Address] = []
        self.dtls: list[bytes] = []
        self.media: list[bytes] = []

    def receive_stun(self, data: bytes, address: Address) -> None:
        self.stun.append(address)

    def receive_dtls(self, data: bytes) -> None:
        self.dtls.append(data)

    def receive_media(self, data: bytes) -> None:
        self.media.append(data)

    def knock(self) -> bytes:
        return request(f"{self.username}:browser", password=self.password)


def dropped(reason: str) -> float:
    return REGISTRY.get_sample_value("parley_rtc_datagrams_dropped_total", {"reason": reason}) or 0.0


@pytest.fixture
def ana() -> NotedLeg:
    return NotedLeg("ana")


@pytest.fixture
def port(ana: NotedLeg) -> Demux:
    port = Demux()
    port.add(ana)
    return port


def test_an_authentic_request_makes_an_address_the_connections(port: Demux, ana: NotedLeg) -> None:
    """From then on what comes from there is handed over by its kind."""
    port.take(ana.knock(), HOME)
    port.take(DTLS, HOME)
    port.take(MEDIA, HOME)
    assert (ana.stun, ana.dtls, ana.media) == ([HOME], [DTLS], [MEDIA])


@pytest.mark.parametrize("datagram", [DTLS, MEDIA])
def test_strangers_reach_nobody(port: Demux, ana: NotedLeg, datagram: bytes) -> None:
    """Neither DTLS nor media comes through from an address that proved nothing."""
    port.take(ana.knock(), HOME)
    before = dropped("stranger")
    port.take(datagram, AWAY)
    assert not ana.dtls
    assert not ana.media
    assert dropped("stranger") == before + 1


def test_an_empty_datagram_is_nothing(port: Demux, ana: NotedLeg) -> None:
    """From a known address too; in the stack below it ended the call."""
    port.take(ana.knock(), HOME)
    before = dropped("empty")
    port.take(b"", HOME)
    assert dropped("empty") == before + 1
    assert not ana.dtls


def test_a_request_with_another_password_proves_nothing(port: Demux, ana: NotedLeg) -> None:
    """Nor does one for a connection that is not there."""
    port.take(request("ana:browser", password=b"a guess"), AWAY)
    port.take(request("eva:browser", password=ana.password), AWAY)
    port.take(MEDIA, AWAY)
    assert not ana.stun
    assert not ana.media


def test_sending_makes_no_address_anybodys(port: Demux, ana: NotedLeg) -> None:
    """A request of ours makes only its answer ours."""
    sent = ana.knock()
    port.expect_answer(ana, sent)
    port.take(MEDIA, AWAY)
    answer = RESPONSE + sent[8:20]
    port.take(answer, AWAY)
    port.take(answer, AWAY)
    assert not ana.media
    assert ana.stun == [AWAY]


def test_an_answer_to_nothing_is_dropped(port: Demux, ana: NotedLeg) -> None:
    """So is an indication, and a message with wrong lengths."""
    port.take(RESPONSE + bytes(12), HOME)
    port.take(b"\x00\x11\x00\x00\x21\x12\xa4\x42" + bytes(12), HOME)
    port.take(b"\x00\x01\xff\xff", HOME)
    assert not ana.stun


def test_an_address_can_change_hands(port: Demux, ana: NotedLeg) -> None:
    """A NAT may give a port to somebody else: the newest proof counts."""
    ben = NotedLeg("ben")
    port.add(ben)
    port.take(ana.knock(), HOME)
    port.take(ben.knock(), HOME)
    port.take(MEDIA, HOME)
    port.remove(ana)
    port.take(MEDIA, HOME)
    assert not ana.media
    assert ben.media == [MEDIA, MEDIA]


def test_a_connection_can_move(port: Demux, ana: NotedLeg) -> None:
    """From one network to another: both addresses are its own."""
    port.take(ana.knock(), HOME)
    port.take(ana.knock(), AWAY)
    port.take(MEDIA, AWAY)
    assert ana.media == [MEDIA]


def test_nothing_is_left_of_a_connection_that_is_gone(port: Demux, ana: NotedLeg) -> None:
    """Its addresses are strangers again, its answers are unexpected, and removing it twice is fine."""
    port.take(ana.knock(), HOME)
    port.expect_answer(ana, sent := ana.knock())
    port.remove(ana)
    port.remove(ana)
    port.take(MEDIA, HOME)
    port.take(RESPONSE + sent[8:20], HOME)
    port.take(ana.knock(), HOME)
    assert ana.stun == [HOME]
    assert not ana.media
    assert len(port) == 0
    assert not port._by_address
    assert not port._transactions


def test_a_connection_has_so_many_addresses_and_no_more(port: Demux, ana: NotedLeg) -> None:
    """One that proves to be everywhere is refused at the 65th address; the others stay its own."""
    for n in range(demux.MAX_ADDRESSES + 10):
        port.take(ana.knock(), ("192.0.2.1", 1000 + n))
    assert len(ana.stun) == demux.MAX_ADDRESSES
    port.take(MEDIA, ("192.0.2.1", 1000))
    assert ana.media == [MEDIA]


def test_requests_without_answers_do_not_pile_up(port: Demux, ana: NotedLeg) -> None:
    """The oldest is forgotten."""
    for n in range(demux.MAX_TRANSACTIONS + 10):
        port.expect_answer(ana, b"\x00\x01\x00\x00\x21\x12\xa4\x42" + n.to_bytes(12, "big"))
    assert len(port._transactions) == demux.MAX_TRANSACTIONS
