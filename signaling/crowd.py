"""How many sockets an address and an identity have open, and how often an address and a key may ask."""

import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from aiohttp import web

from signaling.addresses import Addresses
from signaling.headcount import Headcount
from signaling.identity.grant import Identity
from signaling.rate import Rate
from signaling.settings import SignalingSettings

# Addresses, and keys, whose rates are remembered, about 0.5 kB each. When full, the one that came longest ago is
# forgotten: at worst it may do its burst again.
_KEPT = 4096

SOCKET_RETRY_S = 5
"""Seconds after which somebody with too many sockets may try again."""


class Stay(Protocol):
    """What somebody has open: a WebSocket, or a stream of events."""

    @property
    def closed(self) -> bool:
        """Whether it is over, or about to be."""
        ...


class Rates:
    """One rate for each of those who came lately."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._rates: OrderedDict[str, Rate] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Take one. 0 if that is allowed, else the seconds until one will be, taking nothing."""
        rate = self._rates.get(key)
        if rate is None:
            rate = self._rates[key] = Rate(self._per_second, self._burst)
            if len(self._rates) > _KEPT:
                self._rates.popitem(last=False)
        self._rates.move_to_end(key)
        return 0.0 if rate.allows() else rate.wait_s()


class Crowd:
    """Those who are here, and those who knock: what they may take up at most."""

    def __init__(self, settings: SignalingSettings) -> None:
        self._sockets_per_identity = settings.sockets_per_identity
        self.addresses = Addresses(settings.trusted_proxies, settings.unlimited_addresses)
        self._sockets = Headcount(settings.sockets_per_address)
        self._by_identity: dict[Identity, set[Stay]] = {}
        self._identities: dict[Stay, Identity] = {}
        self._by_address = Rates(settings.requests_per_second, settings.request_burst)
        self._by_key = Rates(settings.key_requests_per_second, settings.key_request_burst)

    @contextlib.contextmanager
    def socket_of(self, request: web.BaseRequest) -> Iterator[bool]:
        """Count a socket of this request's address while the block runs. False, and not counted, if it is too many."""
        key = self.addresses.of(request)
        entered = self._sockets.enter(key)
        try:
            yield entered
        finally:
            if entered:
                self._sockets.leave(key)

    def claims(self, identity: Identity, socket: Stay) -> bool:
        """Count one more open socket of an identity, until `releases`. False, and not counted, if it is too many.

        Those that are being closed count no more: who comes back by another socket does not wait for the dead one.
        """
        theirs = self._by_identity.get(identity, set())
        if sum(not other.closed for other in theirs) >= self._sockets_per_identity:
            return False
        self._by_identity.setdefault(identity, theirs).add(socket)
        self._identities[socket] = identity
        return True

    def releases(self, socket: Stay) -> None:
        """Count a socket no more; harmless if it was not counted."""
        identity = self._identities.pop(socket, None)
        if identity is not None:
            self._by_identity[identity].discard(socket)
            if not self._by_identity[identity]:
                del self._by_identity[identity]

    def wait_s(self, request: web.BaseRequest) -> float:
        """Take one request of its address, and of the key that it shows. 0, or the seconds until it may be made again.

        A key is counted by its hash, whether it is a good one or not: verifying it is what is bounded here.
        """
        address = self.addresses.of(request)
        wait_s = 0.0 if address is None else self._by_address.wait_s(address)
        key = request.headers.get("Authorization") or request.headers.get("X-API-Key")
        if wait_s or not key:
            return wait_s
        return self._by_key.wait_s(hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:32])
