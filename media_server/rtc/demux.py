"""Whose datagram is it? Many connections share the node's port. Pure but for calling them.

An address becomes a connection's when a STUN request comes from it that names the connection's user fragment and is
signed with its password; nothing else makes one, sending least of all. Everything but STUN is taken only from such
addresses, so strangers reach no parser but the few lines of `stun.read` (what they could do before: an empty datagram
ended a call, plaintext DTLS alerts a handshake, and what they sent was queued without bound).
"""

from typing import Protocol

from prometheus_client import Counter

from media_server.rtc import stun

Address = tuple[str, int]

# Requests of ours that may wait for an answer; the oldest is forgotten, and its answer dropped.
MAX_TRANSACTIONS = 8192

# Addresses one connection may prove to be at over its life; further ones are refused.
MAX_ADDRESSES = 64

_dropped = Counter("parley_rtc_datagrams_dropped_total", "Datagrams that came in and were of no use", ["reason"])
_empty = _dropped.labels("empty")
_unknown = _dropped.labels("unknown")
_stranger = _dropped.labels("stranger")
_malformed = _dropped.labels("malformed")
_unauthenticated = _dropped.labels("unauthenticated")
_addresses = _dropped.labels("addresses")
_unexpected = _dropped.labels("unexpected")


class Leg(Protocol):
    """One connection, as the port sees it. What its methods raise costs that datagram only."""

    # ICE user fragment and password of this node's side.
    username: str
    password: bytes

    def receive_stun(self, data: bytes, address: Address) -> None:
        """Take an authentic request, or the response to a request of ours."""

    def receive_dtls(self, data: bytes) -> None: ...

    def receive_media(self, data: bytes) -> None:
        """Take SRTP or SRTCP."""


class Demux:
    """Knows which connection is at which address, and hands it what comes from there."""

    def __init__(self) -> None:
        self._by_username: dict[str, Leg] = {}
        self._by_address: dict[Address, Leg] = {}
        # Every address that a connection proved to be at.
        self._proven: dict[Leg, set[Address]] = {}
        self._transactions: dict[bytes, Leg] = {}

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._proven)

    def __contains__(self, username: str) -> bool:
        """Whether a connection has this user fragment."""
        return username in self._by_username

    def add(self, leg: Leg) -> None:
        """Let datagrams reach this connection."""
        self._by_username[leg.username] = leg
        self._proven[leg] = set()

    def remove(self, leg: Leg) -> None:
        """Forget it, and every address it was at. Idempotent."""
        if self._by_username.get(leg.username) is leg:
            del self._by_username[leg.username]
        for address in self._proven.pop(leg, ()):
            if self._by_address.get(address) is leg:
                del self._by_address[address]
        for transaction in [key for key, value in self._transactions.items() if value is leg]:
            del self._transactions[transaction]

    def expect_answer(self, leg: Leg, data: bytes) -> None:
        """If this is a STUN request that the connection is about to send, its answer is the connection's."""
        transaction = stun.request_transaction(data)
        if transaction is not None and leg in self._proven:
            self._transactions[transaction] = leg
            if len(self._transactions) > MAX_TRANSACTIONS:
                del self._transactions[next(iter(self._transactions))]

    def take(self, data: bytes, address: Address) -> None:
        """Hand a datagram to its connection, told apart by its first byte (RFC 7983), or drop and count it."""
        if not data:
            _empty.inc()
            return
        first = data[0]
        if first < 4:
            self._take_stun(data, address)
            return
        leg = self._by_address.get(address)
        if leg is None:
            _stranger.inc()
        elif 127 < first < 192:
            leg.receive_media(data)
        elif 19 < first < 64:
            leg.receive_dtls(data)
        else:
            _unknown.inc()

    def _take_stun(self, data: bytes, address: Address) -> None:
        message = stun.read(data)
        if message is None:
            _malformed.inc()
            return
        leg: Leg | None
        if message.kind is stun.Kind.REQUEST:
            leg = self._by_username.get(message.username.partition(":")[0])
            if leg is None or not stun.authentic(data, message, leg.password):
                _unauthenticated.inc()
                return
            if not self._place(leg, address):
                _addresses.inc()
                return
        else:
            leg = self._transactions.pop(message.transaction_id, None)
            if leg is None:
                _unexpected.inc()
                return
        leg.receive_stun(data, address)

    def _place(self, leg: Leg, address: Address) -> bool:
        """Let this address be that connection's, whosever it was."""
        if self._by_address.get(address) is leg:
            return True
        proven = self._proven[leg]
        if address not in proven and len(proven) >= MAX_ADDRESSES:
            return False
        proven.add(address)
        self._by_address[address] = leg
        return True
