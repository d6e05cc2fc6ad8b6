"""When datagrams come to a server and leave it, by the kernel's clock: what a load takes to read them does not count.

Linux, on loopback, as root. In SRTP the RTP header is not encrypted, so a packet can be told from its numbers.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_EVERY_PROTOCOL = 3  # ETH_P_ALL: also what goes out
_IPV4 = 0x0800
_UDP = 17
_OUTGOING = 4  # PACKET_OUTGOING: on loopback each datagram is seen twice
_TIMESTAMP_NS = 35  # SO_TIMESTAMPNS
_LONGEST = 2048
_MAX_DROPOUT = 3000


class Datagram(NamedTuple):
    """One RTP packet on its way."""

    # Seconds of the kernel's clock.
    at: float
    source_port: int
    ssrc: int
    sequence_number: int


def allowed() -> bool:
    """Whether this process may listen in."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except (AttributeError, PermissionError):
        return False
    return True


class Tap:
    """Notes the RTP packets from and to one port of loopback, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.incoming: list[Datagram] = []
        self.outgoing: list[Datagram] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERY_PROTOCOL))
        self._socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMP_NS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
        self._socket.bind(("lo", _EVERY_PROTOCOL))
        self._socket.settimeout(0.2)
        self._ends = False
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Listen no more. What was noted stays."""
        self._ends = True
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._ends:
            try:
                data, ancillary, _, address = self._socket.recvmsg(_LONGEST, 64)
            except TimeoutError:
                continue
            if address[1] == _IPV4 and address[2] == _OUTGOING and data[9] == _UDP and ancillary:
                self._note(data, *struct.unpack("qq", ancillary[0][2][:16]))

    def _note(self, data: bytes, seconds: int, nanoseconds: int) -> None:
        start = 4 * (data[0] & 0x0F)
        source, destination = struct.unpack_from("!HH", data, start)
        rtp = data[start + 8 :]
        if self._port not in (source, destination) or len(rtp) < 12 or rtp[0] >> 6 != 2 or 191 < rtp[1] < 224:
            return
        (number,), (ssrc,) = struct.unpack_from("!H", rtp, 2), struct.unpack_from("!I", rtp, 8)
        datagram = Datagram(seconds + nanoseconds / 1e9, source, ssrc, number)
        (self.outgoing if source == self._port else self.incoming).append(datagram)


@contextmanager
def tapping(port: int) -> Iterator[Tap]:
    """Listen in while the block runs."""
    tap = Tap(port)
    tap.start()
    try:
        yield tap
    finally:
        tap.stop()


def latencies(incoming: list[Datagram], outgoing: list[Datagram]) -> list[float]:
    """Give for each packet that left how many milliseconds it had been there. For one talker.

    A slot numbers a source's packets by what it adds to them, which grows by one with each rest. What is added is known
    from packets that left soon, and tells which one it was of those that left after the next one had come.
    """
    arrived = {datagram.sequence_number: datagram.at for datagram in incoming}
    offsets: dict[int, int] = {}
    found = []
    newest = 0
    for datagram in sorted(outgoing):
        while newest + 1 < len(incoming) and incoming[newest + 1].at <= datagram.at:
            newest += 1
        if not incoming or incoming[newest].at > datagram.at:
            continue
        offset = (datagram.sequence_number - incoming[newest].sequence_number) & 0xFFFF
        known = offsets.get(datagram.ssrc)
        if known is None or 0 < (offset - known) & 0xFFFF < _MAX_DROPOUT:
            offsets[datagram.ssrc] = known = offset
        at = arrived.get((datagram.sequence_number - known) & 0xFFFF)
        if at is not None:
            found.append((datagram.at - at) * 1000)
    return found
