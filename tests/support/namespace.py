"""Networks of a test's own: Linux network namespaces, joined by virtual cables, with addresses, routes and nftables.

Nothing here reaches the machine's own network, and all of it is gone when the block ends::

    with network() as net:
        server, client = net.host("server"), net.host("client")
        net.cable(server, ["10.1.0.2/24"], client, ["10.1.0.1/24"])
        server.nft("table inet t { chain c { type filter hook input priority 0; udp dport 7000 drop; } }")
        with server.entered():
            ...  # sockets that this thread makes are the server's, now and later
        client.run("ping", "-c1", "10.1.0.2")

Every call takes some milliseconds and blocks: make networks in fixtures that are no coroutines, outside of any loop.
Needs root, iproute2 and, for `nft`, nftables; without them the test is skipped.
"""

import contextlib
import ctypes
import itertools
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

_NAMESPACES = Path("/run/netns")
_CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)


class NetworkError(Exception):
    """A command did not do what it was asked; holds its words."""


class Host:
    """A network namespace: a machine's network without the machine. Made by `Network.host`."""

    def __init__(self, name: str) -> None:
        # As `ip netns` knows it; unique on this machine.
        self.name = name
        self._devices = itertools.count()

    def command(self, *command: str) -> list[str]:
        """Give the command line that runs a program in here."""
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command: str, text: str = "") -> str:
        """Run a program in here to its end, with `text` on its standard input. Gives what it wrote.

        Raises:
            NetworkError: it failed.
        """
        return _run(self.command(*command), text)

    def wrapper(self, program: str, folder: Path) -> Path:
        """Write a script that runs a program in here, for those who want one path: Playwright, say."""
        script = folder / f"{Path(program).name}-{self.name}"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(self.command(program))} "$@"\n')
        script.chmod(0o755)
        return script

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Let this thread make its sockets in here. They stay here; sockets made before stay where they are.

        Across an `await`, whatever else runs on the loop makes its sockets here as well.
        """
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            here = os.open(_NAMESPACES / self.name, os.O_RDONLY)
            try:
                _enter(here)
            finally:
                os.close(here)
            try:
                yield
            finally:
                _enter(before)
        finally:
            os.close(before)

    def nft(self, rules: str) -> None:
        """Load nftables rules, written as `nft -f` reads them."""
        if shutil.which("nft") is None:
            pytest.skip("needs nftables")
        self.run("nft", "-f", "-", text=rules)

    def route(self, *route: str) -> None:
        """Add a route: `host.route("default", "via", "10.1.0.1")`, `host.route("fd01::/64", "dev", "eth0")`."""
        family = ["-6"] if ":" in "".join(route) else []
        self.run("ip", *family, "route", "add", *route)

    def forwards(self) -> None:
        """Become a router."""
        with self.entered():
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
            Path("/proc/sys/net/ipv6/conf/all/forwarding").write_text("1")

    def link(self, device: str, state: str) -> None:
        """Plug a cable's end in (`up`) or pull it (`down`), which the other end notices.

        `down` takes the end's IPv6 addresses and its routes away.
        """
        self.run("ip", "link", "set", device, state)

    def next_device(self) -> str:
        """Name the end of the next cable: eth0, eth1, ..."""
        return f"eth{next(self._devices)}"


class Network:
    """The hosts and cables of one test. Made by `network`."""

    def __init__(self) -> None:
        self._prefix = f"parley-{os.getpid()}-{next(_numbers)}"
        self._hosts: list[Host] = []

    def host(self, name: str) -> Host:
        """Add a host that only has its loopback, which is up."""
        host = Host(f"{self._prefix}-{name}")
        _run(["ip", "netns", "add", host.name])
        self._hosts.append(host)
        with host.entered():
            # Otherwise no IPv6 address, link-local ones included, can be used for the first second or two.
            Path("/proc/sys/net/ipv6/conf/default/accept_dad").write_text("0")
        _run(["ip", "-netns", host.name, "link", "set", "lo", "up"])
        return host

    def cable(
        self, one: Host, addresses: Iterable[str], other: Host, others_addresses: Iterable[str] = ()
    ) -> tuple[str, str]:
        """Join two hosts. Addresses, of both families, have their prefix length: "10.1.0.2/24", "fd01::2/64".

        Gives the names of its two ends, as the hosts see them. All addresses can be used at once.
        """
        device, others_device = one.next_device(), other.next_device()
        peer = ["type", "veth", "peer", "name", others_device, "netns", other.name]
        _run(["ip", "link", "add", device, "netns", one.name, *peer])
        for host, end, own in ((one, device, addresses), (other, others_device, others_addresses)):
            lines = [f"link set {end} up", *(f"addr add {address} dev {end}" for address in own)]
            _run(["ip", "-netns", host.name, "-batch", "-"], "\n".join(lines) + "\n")
        return device, others_device

    def close(self) -> None:
        """Take everything away: first whatever still runs in the hosts, which only this test can have started."""
        for host in self._hosts:
            with contextlib.suppress(NetworkError):
                for pid in _run(["ip", "netns", "pids", host.name]).split():
                    if int(pid) != os.getpid():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(int(pid), signal.SIGKILL)
            with contextlib.suppress(NetworkError):
                _run(["ip", "netns", "delete", host.name])
        self._hosts.clear()


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Give an empty network; skips the test where none can be made."""
    if (why := missing()) is not None:
        pytest.skip(why)
    net = Network()
    try:
        yield net
    finally:
        net.close()


def missing() -> str | None:
    """Say why no network can be made here; None if it can."""
    if os.geteuid() != 0:
        return "needs root, to make network namespaces"
    if shutil.which("ip") is None:
        return "needs iproute2, to make network namespaces"
    probe = f"parley-{os.getpid()}-probe"
    try:
        _run(["ip", "netns", "add", probe])
        _run(["ip", "netns", "delete", probe])
    except NetworkError as error:
        return f"network namespaces cannot be made here: {error}"
    return None


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _run(command: list[str], text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise NetworkError(f"{shlex.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
