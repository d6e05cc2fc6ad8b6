"""Whose a request is, as far as its address tells: the client's, also behind proxies, and what shares its limits."""

import ipaddress
from collections.abc import Iterable, Sequence

from aiohttp import web

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# The smallest piece of IPv6 that one customer is given (RFC 6177): whoever has it may use any address in it.
_CUSTOMER_BITS = 64
# Hops of an X-Forwarded-For that are looked at, from the end: what a client makes up stands before them.
_HOPS = 16


def networks(texts: Iterable[str]) -> tuple[IpNetwork, ...]:
    """Read networks (`192.0.2.0/24`) and single addresses.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ipaddress.ip_network(text) for text in texts)


def parse(text: str | None) -> IpAddress | None:
    """Read an address as a socket or a proxy gives it, without zone, brackets or port; None if it is none.

    An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`) is that IPv4 address.
    """
    if not text or len(text) > 64:
        return None
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def customer(address: IpAddress) -> str:
    """Give what is counted as one: an IPv4 address, or a /64 of IPv6."""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _CUSTOMER_BITS), strict=False))


PASSED_ADDRESS = web.RequestKey("PASSED_ADDRESS", str)
"""The client's address in a request that another node passed on, as that node has proven; empty: it has none."""


class Addresses:
    """Finds the client's address; believes `X-Forwarded-For` only as far as trusted proxies wrote it."""

    def __init__(self, trusted_proxies: Iterable[str] = (), unlimited: Iterable[str] = ()) -> None:
        """Both are networks or addresses: whose word counts, and to whom no limit of an address applies.

        Raises:
            ValueError: one is neither a network nor an address.
        """
        self._proxies = networks(trusted_proxies)
        self._unlimited = networks(unlimited)
        # Where the other nodes are, from which many people's sockets come (`signaling.nodes`).
        self.nodes: frozenset[IpAddress] = frozenset()

    def is_proxy(self, peer: str | None) -> bool:
        """Whether the other end of a connection is a trusted proxy, behind which many may be."""
        address = parse(peer)
        return address is not None and _within(address, self._proxies)

    def is_node(self, peer: str | None) -> bool:
        """Whether the other end of a connection is where another node is."""
        return bool(self.nodes) and parse(peer) in self.nodes

    def client(self, peer: str | None, forwarded: Sequence[str] = ()) -> IpAddress | None:
        """Give the nearest address that is no trusted proxy's.

        Args:
            peer: the other end of the connection.
            forwarded: the values of `X-Forwarded-For`; each proxy appends whom it was asked by.

        Returns:
            None if the connection has no address, as on a Unix socket without a proxy before it.
        """
        nearest = parse(peer)
        if nearest is not None and not _within(nearest, self._proxies):
            return nearest
        hops = [hop for value in forwarded for hop in value.split(",")[-_HOPS:]][-_HOPS:]
        for hop in reversed(hops) if nearest is not None else ():
            address = parse(hop)
            if address is None:
                break  # not even a proxy's word: the last one that was an address counts
            nearest = address
            if not _within(address, self._proxies):
                break
        return nearest

    def limited(self, address: IpAddress | None) -> str | None:
        """Give that by which an address is counted; None if no limits apply to it."""
        if address is None or _within(address, self._unlimited):
            return None
        return customer(address)

    def of(self, request: web.BaseRequest) -> str | None:
        """Give that by which the client of a request is counted; None if no limits apply."""
        return self.limited(self.client_of(request))

    def client_of(self, request: web.BaseRequest) -> IpAddress | None:
        """Give the address of a request's client, also of one that another node passed on; None if it has none."""
        if PASSED_ADDRESS in request:
            return parse(request[PASSED_ADDRESS])
        peer = request.transport.get_extra_info("peername") if request.transport else None
        return self.client(host_of(peer), request.headers.getall("X-Forwarded-For", []))


def host_of(peername: object) -> str | None:
    """Give the address in what a transport tells of its other end."""
    return str(peername[0]) if isinstance(peername, tuple) and peername else None


def _within(address: IpAddress, among: Iterable[IpNetwork]) -> bool:
    return any(address.version == network.version and address in network for network in among)
