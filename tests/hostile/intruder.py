"""Somebody who has been let in, and sends what no browser would."""

import os
import random
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from tests.support.caller import Caller
from tests.support.rtp_packet import pack

PAYLOAD_TYPE = 96  # as aiortc offers it
SOUND = b"\x78" + bytes(40)


class Account(NamedTuple):
    """What the answer tells of the node's end."""

    fragment: str
    password: str


def account(answer: str) -> Account:
    """Read it from the answer's SDP."""
    found = [re.search(rf"^a=ice-{name}:(\S+)", answer, re.MULTILINE) for name in ("ufrag", "pwd")]
    fragment, password = (match[1] for match in found if match)
    return Account(fragment, password)


def transport(caller: Caller) -> Any:
    """Give a caller's DTLS transport."""
    return caller.peer.getTransceivers()[0].sender.transport


async def send_rtp(caller: Caller, packet: bytes) -> bool:
    """Encrypt and send; False when the connection is over."""
    with suppress(ConnectionError):
        await transport(caller)._send_rtp(packet)
        return True
    return False


def send_empty(caller: Caller, address: tuple[str, int], count: int) -> None:
    """Send datagrams of no bytes from the address that the connection uses; asyncio's transports would send none."""
    (protocol,) = transport(caller).transport._connection._protocols
    with socket.socket(fileno=os.dup(protocol.transport.get_extra_info("socket").fileno())) as sock:
        for _ in range(count):
            sock.sendto(b"", address)


def ssrc(caller: Caller) -> int:
    """Give the microphone's own."""
    return int(caller.peer.getTransceivers()[0].sender._ssrc)


def malformed_rtp(source: int, count: int, seed: int = 1) -> Iterator[bytes]:
    """Make packets whose header extension elements and padding lie about their lengths; without any sound.

    The header's own lengths are right: SRTP (libsrtp) lets no other through, neither out nor in.
    """
    chance = random.Random(seed)
    for number in range(count):
        profile = chance.choice((0xBEDE, 0x1000, 0x100F, 0xBEDF))
        words = chance.randrange(4)
        extension = profile.to_bytes(2, "big") + words.to_bytes(2, "big") + chance.randbytes(4 * words)
        payload = chance.choice((b"", b"\x00", b"\xff"))
        packet = pack(PAYLOAD_TYPE, number & 0xFFFF, number * 960 & 0xFFFFFFFF, source, payload, extension=extension)
        yield bytes((packet[0] | chance.choice((0, 0x20)),)) + packet[1:] if payload else packet


async def send_rtcp(caller: Caller, packet: bytes) -> bool:
    """Encrypt and send; False when the connection is over."""
    end = transport(caller)
    with suppress(ConnectionError):
        await end.transport._send(end._tx_srtp.protect_rtcp(packet))
        return True
    return False
