"""Datagrams that leave with one system call (`sendmmsg`, Linux), encrypted where they lie."""

import errno
import socket
import struct
from collections.abc import Callable
from typing import Any

from media_server.rtc.native import Struct, ffi, libc
from media_server.rtc.rtp import HEADER, Header

SIZE = 64
"""Datagrams of one call. At half as many most of its cost is shared already."""

MAX_DATAGRAM = 1500
"""Bytes of a datagram as it goes out, SRTP's trailer included: no path takes a larger one whole."""

# What SRTP may add (libsrtp's SRTP_MAX_TRAILER_LEN), and where the next datagram begins.
_MAX_TRAILER = 144
_ROOM = MAX_DATAGRAM + _MAX_TRAILER + 4
_LONGEST = MAX_DATAGRAM - 20

# An iovec as 8-byte words: where its length is.
_IOVEC_WORDS = ffi.sizeof("struct iovec") // 8
_LENGTH = ffi.offsetof("struct iovec", "iov_len") // 8

Encrypt = Callable[[Any, Any], int]
"""Encrypts what lies at a `void *` in place and sets its `int *` length (libsrtp's convention); 0 if it could."""


class Destination:
    """A socket address as the system wants it. IPv6 without scope: link-local addresses have no place here."""

    __slots__ = ("packed",)

    def __init__(self, host: str, port: int) -> None:
        """Pack it.

        Raises:
            OSError: the host is not an IP address.
        """
        if ":" in host:
            packed = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0)
            self.packed = packed + socket.inet_pton(socket.AF_INET6, host) + bytes(4)
        else:
            packed = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port)
            self.packed = packed + socket.inet_pton(socket.AF_INET, host) + bytes(8)


class Batch:
    """One socket's datagrams since the last `flush`. Not thread-safe; no exception leaves it."""

    def __init__(self, sock: socket.socket, *, on_first: Callable[[], object], on_failure: Callable[[], None]) -> None:
        """`on_first` is called when something begins to wait, `on_failure` for each datagram that could not be sent."""
        self._descriptor = sock.fileno()
        self._on_first = on_first
        self._on_failure = on_failure
        self._address_size = 16 if sock.family == socket.AF_INET else 28
        packets = ffi.new("uint8_t[]", SIZE * _ROOM)
        self._bytes = memoryview(ffi.buffer(packets))
        self._places = [packets + at * _ROOM for at in range(SIZE)]
        self._length = ffi.new("int *")
        addresses = ffi.new("uint8_t[]", SIZE * self._address_size)
        self._addresses = memoryview(ffi.buffer(addresses))
        iovecs = ffi.new("struct iovec[]", SIZE)
        self._iovec_lengths = memoryview(ffi.buffer(iovecs)).cast("B").cast("Q")
        messages = ffi.new("struct mmsghdr[]", SIZE)
        for at in range(SIZE):
            iovecs[at].iov_base = self._places[at]
            messages[at].msg_hdr.msg_iov = iovecs + at
            messages[at].msg_hdr.msg_iovlen = 1
            messages[at].msg_hdr.msg_name = addresses + at * self._address_size
            messages[at].msg_hdr.msg_namelen = self._address_size
        self.shared: Struct = ffi.new(
            "struct batch *",
            {
                "capacity": SIZE,
                "stride": _ROOM,
                "longest": _LONGEST,
                "bytes": packets,
                "addresses": addresses,
                "address_size": self._address_size,
                "messages": messages,
            },
        )
        self._memory = (packets, addresses, iovecs, messages)

    def __len__(self) -> int:
        """How many wait."""
        return int(self.shared.count)

    def add(
        self,
        encrypt: Encrypt,
        destination: Destination,
        header: Header,
        rest: bytes,
    ) -> bool:
        """Take an RTP packet: its fixed header, and what follows that.

        False if it is too long or cannot be encrypted.
        """
        if self.shared.count == SIZE:  # lanes.c leaves a full one to us
            self.flush()
        at = self.shared.count
        size = 12 + len(rest)
        if size > _LONGEST:
            return False
        start = at * _ROOM
        data = self._bytes
        HEADER.pack_into(data, start, *header)
        data[start + 12 : start + size] = rest
        self._length[0] = size
        if encrypt(self._places[at], self._length):
            return False
        self._iovec_lengths[at * _IOVEC_WORDS + _LENGTH] = self._length[0]
        self._addresses[at * self._address_size : (at + 1) * self._address_size] = destination.packed
        self.shared.count = at + 1
        if at == 0:
            self._on_first()
        return True

    def flush(self) -> None:
        """Send what waits. What the system would not take is dropped and reported."""
        shared = self.shared
        count, shared.count = shared.count, 0
        first = 0
        while first < count:
            sent = libc.sendmmsg(self._descriptor, shared.messages + first, count - first, 0)
            if sent > 0:
                first += sent
                continue
            # The first one failed; those behind it may be for others. A full socket takes none of them.
            failed = count - first if ffi.errno in (errno.EAGAIN, errno.EBADF) else 1
            for _ in range(failed):
                self._on_failure()
            first += failed
