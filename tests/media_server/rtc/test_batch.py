"""Datagrams that leave with one system call."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from media_server.rtc.batch import MAX_DATAGRAM, SIZE, Batch, Destination

HEADER = (0x80, 111, 1, 960, 77)


class Link:
    """A batch on a socket of this host's loopback, and the one that it sends to."""

    def __init__(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sender = socket.socket(family, socket.SOCK_DGRAM)
        self.receiver = socket.socket(family, socket.SOCK_DGRAM)
        for sock in (self.sender, self.receiver):
            sock.bind((host, 0))
            sock.setblocking(False)
        self.begun = 0
        self.failures = 0
        self.batch = Batch(self.sender, on_first=self._begin, on_failure=self._fail)
        self.destination = Destination(host, self.receiver.getsockname()[1])

    def _begin(self) -> None:
        self.begun += 1

    def _fail(self) -> None:
        self.failures += 1

    def add(self, number: int, rest: bytes = b"sound") -> bool:
        return self.batch.add(plain, self.destination, (0x80, 111, number, 960, 77), rest)

    def received(self) -> list[bytes]:
        datagrams: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                datagrams.append(self.receiver.recv(2048))
        return datagrams

    def close(self) -> None:
        self.sender.close()
        self.receiver.close()


def plain(packet: Any, length: Any) -> int:
    """Encrypt nothing."""
    return 0


def sealed(packet: Any, length: Any) -> int:
    """Make it one byte longer, as a cipher would."""
    packet[length[0]] = ord("!")
    length[0] += 1
    return 0


def refused(packet: Any, length: Any) -> int:
    """Be a cipher that fails."""
    return 9


@pytest.fixture(params=["127.0.0.1", "::1"])
def link(request: pytest.FixtureRequest) -> Iterator[Link]:
    link = Link(request.param)
    yield link
    link.close()


def test_what_waits_leaves_together(link: Link) -> None:
    """In order, each to its destination, and only when told to."""
    for number in range(3):
        assert link.add(number)
    assert link.received() == []
    assert len(link.batch) == 3
    link.batch.flush()
    assert link.received() == [bytes((0x80, 111, 0, n, 0, 0, 3, 192, 0, 0, 0, 77)) + b"sound" for n in range(3)]
    assert len(link.batch) == 0
    assert link.begun == 1


def test_a_full_batch_leaves_by_itself(link: Link) -> None:
    """Nothing is dropped for want of room."""
    for number in range(SIZE + 1):
        link.add(number)
    assert len(link.received()) == SIZE
    assert len(link.batch) == 1
    assert link.begun == 2


def test_what_the_cipher_adds_is_sent(link: Link) -> None:
    """The length is what the cipher says."""
    assert link.batch.add(sealed, link.destination, HEADER, b"sound")
    link.batch.flush()
    assert link.received()[0].endswith(b"sound!")


def test_what_cannot_be_encrypted_is_not_sent(link: Link) -> None:
    """It says so, and those beside it are sent."""
    assert link.add(1)
    assert not link.batch.add(refused, link.destination, HEADER, b"secret")
    assert link.add(2)
    link.batch.flush()
    assert [datagram[3] for datagram in link.received()] == [1, 2]


def test_what_is_too_long_is_refused(link: Link) -> None:
    """Nothing is written beyond its place."""
    assert not link.add(1, bytes(MAX_DATAGRAM))
    assert link.add(2, bytes(MAX_DATAGRAM - 32))
    link.batch.flush()
    assert len(link.received()) == 1


def test_a_destination_that_cannot_be_reached_costs_its_own_datagram(link: Link) -> None:
    """Those before and behind it arrive; the failure is reported."""
    link.add(1)
    link.batch.add(
        plain,
        Destination("::ffff:127.0.0.1" if ":" in link.sender.getsockname()[0] else "255.255.255.255", 9),
        HEADER,
        b"",
    )
    link.add(2)
    link.batch.flush()
    assert [datagram[3] for datagram in link.received()] == [1, 2]
    assert link.failures == 1


def test_a_socket_that_is_closed_costs_what_waits(link: Link) -> None:
    """Each is reported, and nothing is raised."""
    link.add(1)
    link.add(2)
    link.sender.close()
    link.batch.flush()
    assert link.failures == 2


def test_a_destination_must_be_an_address() -> None:
    """Names are not looked up."""
    with pytest.raises(OSError, match="illegal IP address"):
        Destination("example.org", 9)
