"""A NAT that forgets: datagrams go on from another port from one moment to the next, as home routers do it."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

Address = tuple[str, int]


class Nat:
    """Passes on what comes to one address to another, each client's from a port of its own. Made by `nat`."""

    def __init__(self, inside: Address, server: Address) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._ports: dict[Address, socket.socket] = {}
        # Those that `forget` spared last.
        self._kept: set[Address] = set()
        # When a STUN request first went out of a forgotten client, in seconds of the loop's clock.
        self.asked_at: float | None = None
        self._inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._inside.setblocking(False)
        self._inside.bind(inside)
        self._loop.add_reader(self._inside, self._go_out)

    def forget(self, *, but: int = 0) -> None:
        """Lose the ports of all clients but the first so many.

        They are seen from other ports from now on, and what comes for the old ones is lost.
        """
        for client in list(self._ports)[but:]:
            port = self._ports.pop(client)
            self._loop.remove_reader(port)
            port.close()
        self._kept = set(self._ports)
        self.asked_at = None

    def close(self) -> None:
        self.forget()
        self._loop.remove_reader(self._inside)
        self._inside.close()

    def _go_out(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data, client = self._inside.recvfrom(2048)
                if self.asked_at is None and client not in self._kept and data[:2] == b"\0\1":
                    self.asked_at = self._loop.time()
                with contextlib.suppress(OSError):  # nobody there, for now
                    self._port_of(client).send(data)

    def _port_of(self, client: Address) -> socket.socket:
        port = self._ports.get(client)
        if port is None:
            port = self._ports[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            port.setblocking(False)
            port.connect(self._server)
            self._loop.add_reader(port, self._come_in, port, client)
        return port

    def _come_in(self, port: socket.socket, client: Address) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._inside.sendto(port.recv(2048), client)


@contextlib.contextmanager
def nat(inside: Address, server: Address) -> Iterator[Nat]:
    """Be one at an address, before a server; to be entered on its loop."""
    between = Nat(inside, server)
    try:
        yield between
    finally:
        between.close()
