"""Datagrams that leave with one system call (`sendmmsg`, Linux), encrypted where they lie."""

import errno
import socket
import struct
from collections.abc import Callable
from typing import Any

from cffi import FFI

from media_server.rtc.rtp import HEADER, Header

SIZE = 64
"""Datagrams of one call. At half as many most of its cost is shared already."""

MAX_DATAGRAM = 1500
"""Bytes of a datagram as it goes out, SRTP's trailer included: no path takes a larger one whole."""

# What SRTP may add (libsrtp's SRTP_MAX_TRAILER_LEN), and where the next datagram begins.
_MAX_TRAILER = 144
_ROOM = MAX_DATAGRAM + _MAX_TRAILER + 4

_ffi = FFI()
_ffi.cdef(
    """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr {
        void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
        void *msg_control; size_t msg_controllen; int msg_flags;
    };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned int count, int flags);
    """
)
_libc: Any = _ffi.dlopen(None)

# Both structures as 8-byte words: where a message's address is, and an iovec's length.
_MESSAGE_WORDS = _ffi.sizeof("struct mmsghdr") // 8
_NAME = _ffi.offsetof("struct mmsghdr", "msg_hdr") // 8
_IOVEC_WORDS = _ffi.sizeof("struct iovec") // 8
_LENGTH = _ffi.offsetof("struct iovec", "iov_len") // 8

Encrypt = Callable[[Any, Any], int]
"""Encrypts what lies at a `void *` in place and sets its `int *` length (libsrtp's convention); 0 if it could."""


class Destination:
    """A socket address as the system wants it. IPv6 without scope: link-local addresses have no place here."""

    __slots__ = ("_memory", "pointer")

    def __init__(self, host: str, port: int) -> None:
        """Pack it.

        Raises:
            OSError: the host is not an IP address.
        """
        if ":" in host:
            packed = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0)
            packed += socket.inet_pton(socket.AF_INET6, host) + bytes(4)
        else:
            packed = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port)
            packed += socket.inet_pton(socket.AF_INET, host) + bytes(8)
        self._memory = _ffi.new("char[]", packed)
        self.pointer = int(_ffi.cast("uintptr_t", self._memory))


class Batch:
    """One socket's datagrams since the last `flush`. Not thread-safe; no exception leaves it."""

    def __init__(self, sock: socket.socket, *, on_first: Callable[[], object], on_failure: Callable[[], None]) -> None:
        """`on_first` is called when something begins to wait, `on_failure` for each datagram that could not be sent."""
        self._descriptor = sock.fileno()
        self._on_first = on_first
        self._on_failure = on_failure
        self._count = 0
        memory = _ffi.new("char[]", SIZE * _ROOM)
        self._bytes = memoryview(_ffi.buffer(memory))
        self._places = [memory + at * _ROOM for at in range(SIZE)]
        lengths = _ffi.new("int[]", SIZE)
        self._lengths = memoryview(_ffi.buffer(lengths)).cast("i")
        self._length_places = [lengths + at for at in range(SIZE)]
        self._destinations: list[Destination | None] = [None] * SIZE
        iovecs = _ffi.new("struct iovec[]", SIZE)
        self._messages = messages = _ffi.new("struct mmsghdr[]", SIZE)
        name_length = 16 if sock.family == socket.AF_INET else 28
        for at in range(SIZE):
            iovecs[at].iov_base = self._places[at]
            messages[at].msg_hdr.msg_iov = iovecs + at
            messages[at].msg_hdr.msg_iovlen = 1
            messages[at].msg_hdr.msg_namelen = name_length
        self._names = memoryview(_ffi.buffer(messages)).cast("B").cast("Q")
        self._iovec_lengths = memoryview(_ffi.buffer(iovecs)).cast("B").cast("Q")
        self._memory = (memory, lengths, iovecs)

    def __len__(self) -> int:
        """How many wait."""
        return self._count

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
        at = self._count
        size = 12 + len(rest)
        if size > MAX_DATAGRAM - 20:
            return False
        start = at * _ROOM
        data = self._bytes
        HEADER.pack_into(data, start, *header)
        data[start + 12 : start + size] = rest
        self._lengths[at] = size
        if encrypt(self._places[at], self._length_places[at]):
            return False
        self._iovec_lengths[at * _IOVEC_WORDS + _LENGTH] = self._lengths[at]
        self._names[at * _MESSAGE_WORDS + _NAME] = destination.pointer
        self._destinations[at] = destination
        self._count = at + 1
        if at == 0:
            self._on_first()
        elif at + 1 == SIZE:
            self.flush()
        return True

    def flush(self) -> None:
        """Send what waits. What the system would not take is dropped and reported."""
        count, self._count = self._count, 0
        first = 0
        while first < count:
            sent = _libc.sendmmsg(self._descriptor, self._messages + first, count - first, 0)
            if sent > 0:
                first += sent
                continue
            # The first one failed; those behind it may be for others. A full socket takes none of them.
            failed = count - first if _ffi.errno in (errno.EAGAIN, errno.EBADF) else 1
            for _ in range(failed):
                self._on_failure()
            first += failed
