"""A real coturn in a network of a test's own, with the configuration that is shipped."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.namespace import Host
from tests.support.source_tree import ROOT

CONFIGURATION = ROOT / "infra" / "coturn" / "turnserver.conf"
SECRET = "a-secret-of-both-servers"  # noqa: S105 - of this test's coturn only
PORT = 3478

# What only old versions know; in today's, all three are off.
_OLD = ("--no-cli", "--no-tls", "--no-dtls")


class Coturn:
    """A running coturn. Made by `coturn`."""

    def __init__(self, log: Path) -> None:
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def coturn(host: Host, folder: Path, addresses: Iterable[str], allowed: Iterable[str] = ()) -> Iterator[Coturn]:
    """Run a coturn on a host's addresses, which may relay to those `allowed` although they are private."""
    if shutil.which("turnserver") is None:
        pytest.skip("needs coturn")
    options = ["-c", str(CONFIGURATION), f"--static-auth-secret={SECRET}", *_OLD]
    options += [f"--pidfile={folder / 'coturn.pid'}", f"--userdb={folder / 'coturn.db'}"]
    options += [f"--{kind}={address}" for address in addresses for kind in ("listening-ip", "relay-ip")]
    options += [f"--allowed-peer-ip={address}" for address in allowed]
    log = folder / "coturn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(host.command("turnserver", *options), stdout=output, stderr=subprocess.STDOUT)
    server = Coturn(log)
    try:
        _wait_until_open(process, server, host, addresses)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_open(process: "subprocess.Popen[bytes]", server: Coturn, host: Host, addresses: Iterable[str]) -> None:
    deadline = time.monotonic() + 10
    for address in addresses:
        # It opens UDP before TCP.
        while not _answers(host, address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"coturn did not start: {server.log}")
            time.sleep(0.02)


def _answers(host: Host, address: str) -> bool:
    with host.entered(), contextlib.suppress(OSError), socket.create_connection((address, PORT), 1):
        return True
    return False
