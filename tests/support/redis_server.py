"""A real Redis of a test's own: to be killed, stopped, emptied and started again."""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.broker import free_ports

# Seconds in which it starts, also where many tests run side by side.
STARTS_WITHIN_S = 20.0


class RedisServer:
    """One process on a port of this machine. The port stays the same when it is killed and started again."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        """`words` are further arguments of `redis-server`; without any it keeps nothing."""
        self.port = free_ports(1)[0]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        own = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "")
        self._command = ["redis-server", *own, *words]
        self._process: subprocess.Popen[bytes] | None = None

    def start_now(self) -> None:
        """Start it, again or for the first time, and wait until it answers."""
        log = (self._folder / "redis.log").open("ab")
        with log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self.ask("PING").startswith((b"+PONG", b"-NOAUTH")):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Redis did not start: {(self._folder / 'redis.log').read_text()[-2_000:]}")
            time.sleep(0.01)

    async def start(self) -> None:
        """Start it without holding the event loop."""
        await asyncio.to_thread(self.start_now)

    def kill(self) -> None:
        """End it without a warning (SIGKILL). Harmless if it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Let it hang (SIGSTOP): connections stay open, new ones are accepted, and nobody answers."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `stop`."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(signal.SIGCONT)

    def ask(self, *words: str) -> bytes:
        """Ask something that is answered in one line; empty if it does not answer."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), STARTS_WITHIN_S) as connection,
        ):
            connection.sendall(f"{' '.join(words)}\r\n".encode())
            return connection.recv(4_096).rstrip()
        return b""


@contextlib.contextmanager
def redis_server(*words: str) -> Iterator[RedisServer]:
    """Run a Redis of one's own; `words` are further arguments of `redis-server`."""
    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server")
    folder = Path(tempfile.mkdtemp(prefix="parley-redis-"))
    try:
        server = RedisServer(folder, words)
        server.start_now()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def own_redis(*words: str) -> AsyncIterator[RedisServer]:
    """Run a Redis of one's own without holding the event loop."""
    with contextlib.ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, redis_server(*words))
