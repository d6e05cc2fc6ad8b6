"""The node's one UDP port: the sockets that all media of all connections goes through."""

import asyncio
import contextlib
import errno
import ipaddress
import socket
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import structlog
from prometheus_client import Counter

from media_server.rtc.batch import Batch
from media_server.rtc.demux import Address, Demux, Leg

# Larger than any datagram that is of use here; SRTP's session has 1,500 bytes.
_MAX_DATAGRAM = 2048

# Datagrams taken at one wake-up, before other callbacks have their turn.
_BATCH = 32

# What the kernel holds for us while we are busy, in bytes; when it is full the newest is dropped.
_SOCKET_BUFFER = 4 << 20

# Tries to find a port that is free in both address families.
_ATTEMPTS = 20

_faults = Counter("parley_rtc_datagram_faults_total", "Datagrams whose handling raised an exception")
_send_failures = Counter("parley_rtc_send_failures_total", "Datagrams that the system would not send")

_log = structlog.get_logger(__name__)


class MediaPort:
    """One UDP socket per address family, with the same port number. An async context manager; not to be used again."""

    def __init__(
        self,
        *,
        host: str | None = None,
        port: int = 0,
        announce: Iterable[str] = (),
        interfaces: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Nothing is bound yet. Host, port and announce as in RtcSettings; `interfaces` says this host's addresses.

        Raises:
            ValueError: host or announce holds something other than IP addresses.
        """
        self._hosts = [str(ipaddress.ip_address(host))] if host else ["0.0.0.0", "::"]  # noqa: S104 - the setting says
        self._announce = tuple(str(ipaddress.ip_address(address)) for address in announce)
        self._interfaces = interfaces
        self._wanted = port
        # By whether it is IPv6.
        self._sockets: dict[bool, socket.socket] = {}
        self._batches: dict[bool, Batch] = {}
        self._complained = False
        # Whether datagrams are being taken off a socket at this moment.
        self._reading = False
        # Whether a flush is to come with the loop's next turn.
        self._flushing = False
        self.demux = Demux()
        # Where browsers are told to send to.
        self.announced: tuple[str, ...] = ()
        self.port = 0

    async def __aenter__(self) -> Self:
        """Bind.

        Raises:
            OSError: the port is taken, or the host is not one of ours.
            ValueError: an announced address is of a family that is not open.
        """
        self._bind()
        try:
            self.announced = self._announce or tuple(self._own_addresses())
            for address in self.announced:
                if is_ipv6(address) not in self._sockets:
                    raise ValueError(f"cannot announce {address}: the media port is not open for its address family")
        except BaseException:
            self._close()
            raise
        loop = asyncio.get_running_loop()
        for is_six, sock in self._sockets.items():
            self._batches[is_six] = Batch(sock, on_first=self.flush_soon, on_failure=self.send_failed)
            loop.add_reader(sock.fileno(), self._readable, sock)
        _log.info("media_port_open", port=self.port, announced=self.announced)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for sock in self._sockets.values():
            loop.remove_reader(sock.fileno())
        self._close()

    def sender(self, host: str) -> Callable[[bytes, Address], int]:
        """Find what sends to addresses like this host: `socket.sendto`, which raises OSError.

        Raises:
            KeyError: the port is not open for this address family, or not open any more.
        """
        return self._sockets[is_ipv6(host)].sendto

    def batch(self, host: str) -> Batch:
        """Find what gathers RTP packets to addresses like this host. They leave with the next turn of the event loop.

        Raises:
            KeyError: as `sender`.
        """
        return self._batches[is_ipv6(host)]

    def flush(self) -> None:
        """Let what the batches hold leave now."""
        self._flushing = False
        for batch in self._batches.values():
            batch.flush()

    def flush_soon(self) -> None:
        """See to it that what waits leaves: at the end of this reading, or with the loop's next turn."""
        if not (self._reading or self._flushing):
            self._flushing = True
            asyncio.get_running_loop().call_soon(self.flush)

    def send(self, data: bytes, address: Address, leg: Leg) -> None:
        """Send for a connection; what cannot be sent is dropped and counted."""
        self.demux.expect_answer(leg, data)
        try:
            self.sender(address[0])(data, address)
        except (OSError, KeyError):
            self.send_failed()

    def send_failed(self) -> None:
        """Count what `sender` raised."""
        _send_failures.inc()

    def _bind(self) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._bind_once()
            except OSError as error:
                self._close()
                # With any port wanted, the one that IPv4 got may be taken in IPv6.
                if self._wanted or error.errno != errno.EADDRINUSE or attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _bind_once(self) -> None:
        self.port = self._wanted
        for host in self._hosts_to_bind():
            try:
                sock = _bound(host, self.port)
            except OSError as error:
                if self._sockets and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                    continue  # this host has no IPv6
                raise
            self._sockets[is_ipv6(host)] = sock
            self.port = sock.getsockname()[1]

    def _hosts_to_bind(self) -> Iterable[str]:
        """In place of every interface of a family: its announced address, if it is one, and this host's own.

        A socket on every interface answers from the address that the kernel's routes pick, which on a host of many may
        be another than the one that was asked; bound to one, it answers from that.
        """
        if len(self._hosts) == 1:
            return self._hosts
        own = {ipaddress.ip_address(address) for address in self._interfaces()}
        hosts = []
        for every in self._hosts:
            told = [address for address in self._announce if is_ipv6(address) == is_ipv6(every)]
            hosts.append(told[0] if len(told) == 1 and ipaddress.ip_address(told[0]) in own else every)
        return hosts

    def _own_addresses(self) -> Iterable[str]:
        """Every address that reaches the sockets, the likeliest first."""
        if not ipaddress.ip_address(self._hosts[0]).is_unspecified:
            return self._hosts
        found = dict.fromkeys((*self._interfaces(), "127.0.0.1", "::1"))
        return [address for address in found if is_ipv6(address) in self._sockets]

    def _close(self) -> None:
        for sock in self._sockets.values():
            with contextlib.suppress(OSError):
                sock.close()
        self._sockets.clear()
        self._batches.clear()

    def _readable(self, sock: socket.socket) -> None:
        receive = sock.recvfrom
        self._reading = True
        for _ in range(_BATCH):
            try:
                data, source = receive(_MAX_DATAGRAM)
            except OSError:  # nothing there any more, most of the time
                break
            try:
                self.demux.take(data, source[:2])
            except Exception:
                self._failed()
        self._reading = False
        self.flush()

    def _failed(self) -> None:
        """Count a fault of ours or of the stack, which costs one datagram, and log the first."""
        _faults.inc()
        if not self._complained:
            self._complained = True
            _log.exception("datagram_failed")


def is_ipv6(host: str) -> bool:
    """Of which family an IP address is."""
    return ":" in host


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if is_ipv6(host) else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock
