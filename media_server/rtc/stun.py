"""Just enough of STUN (RFC 8489) to know whose a datagram is, and whether its sender may say so. Pure.

The messages themselves are aioice's business; this looks at them before it does, since its parser trusts lengths and
the node's one port has many connections behind it.
"""

import hashlib
import hmac
from enum import Enum
from struct import Struct
from typing import NamedTuple

_HEADER = Struct("!HHI12s")
_ATTRIBUTE = Struct("!HH")
_COOKIE = 0x2112A442
_BINDING = 0x0001

_USERNAME = 0x0006
_MESSAGE_INTEGRITY = 0x0008


class Kind(Enum):
    """What a binding message is."""

    REQUEST = 0x000
    INDICATION = 0x010
    RESPONSE = 0x100
    ERROR = 0x110


class Message(NamedTuple):
    """A binding message whose lengths are right."""

    kind: Kind
    transaction_id: bytes
    # Of a request: "receiver's fragment:sender's fragment". Empty if there is none.
    username: str
    # Where MESSAGE-INTEGRITY begins; 0 if there is none.
    integrity_at: int


def read(data: bytes) -> Message | None:
    """Read a datagram; None if there is no message in it that this node could use."""
    if len(data) < _HEADER.size or len(data) % 4:
        return None
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if cookie != _COOKIE or kind & ~0x0110 != _BINDING or length != len(data) - _HEADER.size:
        return None
    username = ""
    integrity_at = 0
    position = _HEADER.size
    while position < len(data):
        attribute, size = _ATTRIBUTE.unpack_from(data, position)
        end = position + 4 + size
        if end > len(data):
            return None
        if attribute == _USERNAME:
            username = data[position + 4 : end].decode("utf-8", "replace")
        elif attribute == _MESSAGE_INTEGRITY:
            if size != hashlib.sha1().digest_size:  # noqa: S324 - what the RFC prescribes
                return None
            integrity_at = position
            break  # nothing after it is authentic
        position = end + -size % 4
    return Message(Kind(kind & 0x0110), transaction_id, username, integrity_at)


def authentic(data: bytes, message: Message, password: bytes) -> bool:
    """Tell whether who sent this message knows the password (RFC 8489 section 14.5)."""
    at = message.integrity_at
    if not at:
        return False
    length = at + 24 - _HEADER.size
    signed = data[:2] + length.to_bytes(2, "big") + data[4:at]
    return hmac.compare_digest(hmac.digest(password, signed, "sha1"), data[at + 4 : at + 24])


def request_transaction(data: bytes) -> bytes | None:
    """Find the transaction id, if what is about to be sent is a binding request."""
    if len(data) >= _HEADER.size and data[0] == 0 and data[1] == 1:
        return data[8:20]
    return None
