"""Whose a request is, as far as its address tells."""

import pytest
from aiohttp.test_utils import make_mocked_request

from signaling.addresses import PASSED_ADDRESS, Addresses, customer, host_of, networks, parse

BEHIND = Addresses(trusted_proxies=("10.0.0.0/8", "fd00::/8"))


def client(peer: str | None, *forwarded: str) -> str:
    return str(BEHIND.client(peer, forwarded))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_address_is_read_as_sockets_and_proxies_write_it(text: str, address: str) -> None:
    """With port, brackets or zone, and an IPv4 address in IPv6's clothes as itself."""
    assert str(parse(text)) == address


@pytest.mark.parametrize(
    "text", [None, "", "unknown", "_hidden", "192.0.2", "1:2:3", "x" * 65, "0x7f.1", "127.1", "٣.٣.٣.٣"]
)
def test_what_is_no_address_is_none(text: str | None) -> None:
    """Proxies may write `unknown`, and clients anything."""
    assert parse(text) is None


def test_a_customer_of_ipv6_has_many_addresses() -> None:
    """All of a /64 count as one; of IPv4 each counts for itself."""
    assert customer(parse("2001:db8:0:7::1")) == customer(parse("2001:db8:0:7:ffff::2")) == "2001:db8:0:7::/64"  # type: ignore[arg-type]
    assert customer(parse("2001:db8:0:8::1")) != customer(parse("2001:db8:0:7::1"))  # type: ignore[arg-type]
    assert customer(parse("192.0.2.1")) != customer(parse("192.0.2.2"))  # type: ignore[arg-type]


def test_a_stranger_cannot_say_who_they_are() -> None:
    """Without a trusted proxy in between, the header is anybody's word."""
    assert client("192.0.2.1", "198.51.100.7") == "192.0.2.1"


def test_a_trusted_proxy_says_whom_it_was_asked_by() -> None:
    """The last in the list; what stands before it was written by the client."""
    assert client("10.0.0.1", "198.51.100.7") == "198.51.100.7"
    assert client("10.0.0.1", "127.0.0.1, 198.51.100.7") == "198.51.100.7"
    assert client("10.0.0.1", "127.0.0.1", "198.51.100.7") == "198.51.100.7"
    assert client("fd00::1", "2001:db8::1") == "2001:db8::1"


def test_several_trusted_proxies_are_passed_over() -> None:
    """Each appended the one before it."""
    assert client("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.3, 10.0.0.2") == "198.51.100.7"


@pytest.mark.parametrize("forwarded", ["", "unknown", "198.51.100.7, unknown", ","])
def test_a_proxy_that_does_not_tell_counts_itself(forwarded: str) -> None:
    """Nothing before a word that is no address is believed."""
    assert client("10.0.0.1", forwarded) == "10.0.0.1"


def test_of_a_long_list_only_the_end_is_looked_at() -> None:
    """A client may have written thousands."""
    assert client("10.0.0.1", ",".join(["10.0.0.9"] * 1_000 + ["198.51.100.7"])) == "198.51.100.7"
    assert client("10.0.0.1", ",".join(["198.51.100.7"] + ["10.0.0.9"] * 1_000)) == "10.0.0.9"


def test_limits_do_not_apply_to_some() -> None:
    """To nobody without an address either: a Unix socket is this machine's."""
    addresses = Addresses(unlimited=("127.0.0.0/8", "::1"))
    assert addresses.limited(parse("127.0.0.7")) is None
    assert addresses.limited(parse("::1")) is None
    assert addresses.limited(None) is None
    assert addresses.limited(parse("192.0.2.1")) == "192.0.2.1"


def test_a_request_without_a_connection_is_not_limited() -> None:
    """It has gone already; the headers alone say nothing."""
    assert BEHIND.of(make_mocked_request("GET", "/", headers={"X-Forwarded-For": "192.0.2.1"})) is None


@pytest.mark.parametrize(("peername", "host"), [(("::1", 80, 0, 0), "::1"), (("127.0.0.1", 80), "127.0.0.1")])
def test_the_other_end_has_an_address(peername: object, host: str) -> None:
    """First in what a transport tells."""
    assert host_of(peername) == host


@pytest.mark.parametrize("peername", [None, "", "/run/socket", ()])
def test_a_unix_socket_has_none(peername: object) -> None:
    """Nor has a connection that is over."""
    assert host_of(peername) is None


@pytest.mark.parametrize("text", ["somewhere", "10.0.0.1/8", "10.0.0.0/33"])
def test_a_network_that_is_none_is_said(text: str) -> None:
    """A slip in the settings would trust nobody, or everybody."""
    with pytest.raises(ValueError, match=text.partition("/")[0]):
        networks((text,))


def test_where_another_node_is() -> None:
    """Many people's sockets come from there; by default there is none."""
    addresses = Addresses()
    assert not addresses.is_node("192.0.2.1")
    addresses.nodes = frozenset(filter(None, [parse("192.0.2.1")]))
    assert addresses.is_node("192.0.2.1")
    assert addresses.is_node("::ffff:192.0.2.1")
    assert not addresses.is_node("192.0.2.2")


def test_what_another_node_passed_on_has_its_clients_address() -> None:
    """As that node has proven; with none, no limit of an address applies."""
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "203.0.113.9"})
    request[PASSED_ADDRESS] = "198.51.100.7"
    assert Addresses().of(request) == "198.51.100.7"
    request[PASSED_ADDRESS] = ""
    assert Addresses().of(request) is None
