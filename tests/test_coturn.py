"""The shipped coturn configuration, in a real coturn: whom it lets in, and where it relays to."""

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from signaling.turn import credential
from tests.support.coturn import PORT, SECRET, Coturn, coturn
from tests.support.namespace import Host, network
from tests.support.turn_client import FORBIDDEN, OK, UNAUTHORIZED, TurnClient

RELAY = "198.51.100.1"
RELAY6 = "2001:db8:1::1"
# A media node in the private range, allowed by name; its neighbour is not.
NODE, NEIGHBOUR = "10.7.0.2", "10.7.0.3"
NODE6 = "fd07::2"

HOUR = 3600


@dataclass
class Relaying:
    """A running coturn, and who may ask it."""

    server: Coturn
    host: Host
    # How many asked so far: each is somebody else, since quotas count by participant.
    clients: int = 0

    @contextlib.contextmanager
    def client(self, *, secret: str = SECRET, lifetime_s: float = HOUR) -> Iterator[TurnClient]:
        """Give somebody with a credential of this life."""
        self.clients += 1
        username, password = credential(secret, f"p-{self.clients}", int(time.time() + lifetime_s))
        with self.host.entered():
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sock:
            yield TurnClient(sock, (RELAY, PORT), username, password)


@pytest.fixture(scope="module")
def relaying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relaying]:
    with network() as net:
        client, relay = net.host("client"), net.host("relay")
        net.cable(client, ["198.51.100.2/24"], relay, [f"{RELAY}/24", f"{RELAY6}/64"])
        folder: Path = tmp_path_factory.mktemp("coturn")
        with coturn(relay, folder, [RELAY, RELAY6], [NODE, NODE6]) as server:
            yield Relaying(server, client)


def test_the_configuration_is_understood(relaying: Relaying) -> None:
    """Nothing in it is complained of, and every range was read as it was meant."""
    log = relaying.server.log
    assert not [line for line in log.splitlines() if any(word in line.lower() for word in ("bad", "wrong", "warning"))]
    assert "Black listing: ::ffff:0:0-::ffff:ffff:ffff" in log
    assert "Black listing: 169.254.0.0-169.254.255.255" in log


def test_a_credential_opens_it(relaying: Relaying) -> None:
    """As Parley makes them."""
    with relaying.client() as client:
        assert client.allocate() == OK


def test_an_allocation_outlives_its_credential(relaying: Relaying) -> None:
    """The time is looked at when an allocation is made, so that a call may last longer than a credential."""
    with relaying.client(lifetime_s=1) as client:
        assert client.allocate() == OK
        time.sleep(2.1)
        assert client.refresh(600) == OK
        assert client.permit(NODE) == OK
    with relaying.client(lifetime_s=-1) as late:
        assert late.allocate() == UNAUTHORIZED


def test_a_wrong_credential_opens_nothing(relaying: Relaying) -> None:
    """One made with another secret."""
    with relaying.client(secret="a-secret-of-somebody-else") as client:  # noqa: S106 - of nobody
        assert client.allocate() == UNAUTHORIZED


@pytest.mark.parametrize(
    "peer",
    [
        "0.0.0.0",  # noqa: S104 - not bound
        "10.0.0.1",
        NEIGHBOUR,
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        RELAY,
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        f"::ffff:{NODE}",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1",
        RELAY6,
    ],
)
def test_nothing_is_relayed_to_what_is_not_public(relaying: Relaying, peer: str) -> None:
    """Neither a permission nor a channel, whatever the address is written as."""
    with relaying.client() as client:
        assert client.allocate(version=6 if ":" in peer else 4) == OK
        assert client.permit(peer) == FORBIDDEN
        assert client.bind(peer) == FORBIDDEN


@pytest.mark.parametrize("peer", [NODE, "203.0.114.1", "172.32.0.1", NODE6, "2606:4700::1"])
def test_the_media_node_and_the_public_are_relayed_to(relaying: Relaying, peer: str) -> None:
    """A node in a private range is allowed by `allowed-peer-ip`."""
    with relaying.client() as client:
        assert client.allocate(version=6 if ":" in peer else 4) == OK
        assert client.permit(peer) == OK
        assert client.bind(peer) == OK
