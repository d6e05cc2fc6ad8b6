"""Who sends to the node without having been let in: floods, and what they consist of."""

import hashlib
import hmac
import itertools
import random
import socket
import time
from collections.abc import Iterable, Iterator

from aioice import stun

ALERT = b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28"
"""A fatal DTLS alert in plain text (RFC 5246 section 7.2): handshake_failure."""


def flood(address: tuple[str, int], datagrams: Iterable[bytes], per_second: int = 0) -> int:
    """Send from four sockets in turn, at a pace if one is given; blocks. Returns how many were sent."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
    began = time.monotonic()
    sent = 0
    try:
        for sock, datagram in zip(itertools.cycle(sockets), datagrams, strict=False):
            sock.sendto(datagram, address)
            sent += 1
            if per_second and sent % 50 == 0:
                time.sleep(max(0.0, began + sent / per_second - time.monotonic()))
    finally:
        for sock in sockets:
            sock.close()
    return sent


def request(username: str, password: str) -> bytearray:
    """Make a signed binding request."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1853693695
    message.attributes["ICE-CONTROLLING"] = 1
    message.add_message_integrity(password.encode())
    return bytearray(bytes(message))


def knock_and_flood(address: tuple[str, int], knock: bytes, datagrams: Iterable[bytes], per_second: int) -> None:
    """Prove to be at an address, then send from there; blocks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(knock, address)
        time.sleep(0.05)
        began = time.monotonic()
        for sent, datagram in enumerate(datagrams, 1):
            sock.sendto(datagram, address)
            if sent % 50 == 0:
                time.sleep(max(0.0, began + sent / per_second - time.monotonic()))


def junk(count: int, seed: int = 1) -> Iterator[bytes]:
    """Make datagrams that look like DTLS and like media, of all sizes."""
    chance = random.Random(seed)
    samples = [bytes((first,)) + chance.randbytes(chance.randrange(1200)) for first in (20, 22, 23, 63, 128, 191) * 20]
    yield from itertools.islice(itertools.cycle(samples), count)


def malformed_stun(count: int, seed: int = 1) -> Iterator[bytes]:
    """Spoil requests: bits, lengths, attributes cut short or made up."""
    chance = random.Random(seed)
    for _ in range(count):
        message = request(f"{chance.randbytes(6).hex()}:eve", "a password that nobody has")
        for _ in range(chance.randrange(1, 5)):
            spoil = chance.randrange(4)
            if spoil == 0:
                message[chance.randrange(len(message))] = chance.randrange(256)
            elif spoil == 1:
                del message[chance.randrange(1, len(message)) :]
                message += b"\x00"
            elif spoil == 2:
                message += chance.randbytes(chance.randrange(40))
            else:  # an attribute of a length of its own
                message += bytes((0, chance.choice((0x06, 0x08, 0x20, 0x24, 0x25, 0x29, 0x2A)), 0, chance.randrange(9)))
        if chance.random() < 0.7 and len(message) >= 20:  # lengths that agree get further
            message = message[: len(message) // 4 * 4]
            message[2:4] = (len(message) - 20).to_bytes(2, "big")
        yield bytes(message)


def signed_nonsense(username: str, password: str, count: int, seed: int = 1) -> Iterator[bytes]:
    """Make requests that are rightly signed and say what cannot be read."""
    chance = random.Random(seed)
    kinds = (0x0001, 0x0009, 0x000C, 0x0020, 0x0024, 0x0025, 0x8022, 0x8028, 0x8029, 0x802A)
    for _ in range(count):
        value = chance.randbytes(chance.randrange(12))
        attributes = _attribute(0x0006, f"{username}:eve".encode()) + _attribute(chance.choice(kinds), value)
        head = b"\x00\x01" + (len(attributes) + 24).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + chance.randbytes(12)
        signature = hmac.digest(password.encode(), head + attributes, hashlib.sha1)
        yield head + attributes + _attribute(0x0008, signature)


def _attribute(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
