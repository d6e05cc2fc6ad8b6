"""A real Kafka broker: one that all tests of a run share, or one of a test's own, to be killed, stopped and restarted.

It is a process of its own (`infra/kafka/broker`), and costs two seconds of a processor to start.
"""

import asyncio
import contextlib
import fcntl
import json
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.source_tree import ROOT

PROGRAM = ROOT / "infra" / "kafka" / "broker"

# Seconds in which a broker starts, also where many tests run side by side.
STARTS_WITHIN_S = 50

# Kafka reserves room for its indexes, of which a test needs little; and a test's topics go with the broker.
_SMALL = ("log.index.size.max.bytes=65536", "log.initial.task.delay.ms=1000000")


class Broker:
    """A broker, seen from outside."""

    def __init__(self, bootstrap: str) -> None:
        """`bootstrap` is host:port, as clients take it."""
        self.bootstrap = bootstrap


class BrokerProcess(Broker):
    """A broker of one's own. Its data and its ports stay the same when it is killed and started again.

    Made by `broker`. None of this may be called from several tasks at once.
    """

    def __init__(self, folder: Path, extra: Sequence[str] = ()) -> None:
        """Keep data in a folder; `extra` are properties of Kafka, NAME=VALUE, with {port} and {controller_port}."""
        self._port, controller_port = free_ports(2)
        extra = [one.format(port=self._port, controller_port=controller_port) for one in extra]
        super().__init__(f"127.0.0.1:{self._port}")
        self._log = folder / "broker.log"
        command = [str(PROGRAM), "command", str(folder / "data"), "--port", str(self._port)]
        command += ["--controller-port", str(controller_port)]
        command += [word for one in (*_SMALL, *extra) for word in ("--set", one)]
        # Downloads Kafka if the set-up did not.
        self._command: list[str] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it complained about."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    async def start(self) -> None:
        """Start it, again or for the first time, and wait until it answers."""
        await asyncio.to_thread(self.start_now)

    async def kill(self) -> None:
        """End it without a warning (SIGKILL). Harmless if it does not run."""
        await asyncio.to_thread(self.kill_now)

    def stop(self) -> None:
        """Let it hang (SIGSTOP): connections stay open, new ones are accepted, and nobody answers."""
        self._signal(signal.SIGSTOP)
        while self._runs():  # a thread stops when its turn comes
            time.sleep(0.002)

    def resume(self) -> None:
        """Let it go on after `stop`."""
        self._signal(signal.SIGCONT)

    def start_now(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill_now()
                raise RuntimeError(f"Kafka did not start: {self.log[-2000:]}")
            time.sleep(0.05)

    def kill_now(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _runs(self) -> bool:
        """Whether any of its threads is not stopped."""
        assert self._process is not None
        stats = Path(f"/proc/{self._process.pid}/task").glob("*/stat")
        return any(stat.read_text().rpartition(")")[2].split()[0] not in "TX" for stat in stats)

    def _signal(self, number: int) -> None:
        assert self._process is not None, "it does not run"
        self._process.send_signal(number)


@contextlib.asynccontextmanager
async def broker(*extra: str) -> AsyncIterator[BrokerProcess]:
    """Run a broker of one's own, with these properties on top (NAME=VALUE)."""
    need_java()
    folder = Path(tempfile.mkdtemp(prefix="parley-kafka-"))
    try:
        it = await asyncio.to_thread(BrokerProcess, folder, extra)
        try:
            await it.start()
            yield it
        finally:
            await it.kill()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def shared(folder: Path, owner: int) -> Broker:
    """Give the one broker of a test run, whose processes have a folder in common; the first to ask starts it.

    It ends with the process `owner`.
    """
    need_java()
    answer = folder / "kafka.json"
    with (folder / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            keeper = [sys.executable, "-m", "tests.support.broker_keeper", str(owner), str(folder)]
            # On its own: whatever ends this process must not end the others' broker.
            process = subprocess.Popen(keeper, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE)
            with process:
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("Kafka did not start; its own words are above")
                process.stdout.close()
                process.returncode = 0  # it stays
            answer.write_bytes(line)
        return Broker(**json.loads(answer.read_bytes()))


def need_java() -> None:
    if shutil.which("java") is None:
        pytest.skip("needs Java")


def free_ports(count: int) -> list[int]:
    """Let the system choose some ports that nobody has."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _answers(port: int) -> bool:
    """Ask for the cluster's metadata (Metadata, version 1, no topics), and see whether a broker is in it."""
    request = struct.pack(">hhih", 3, 1, 7, -1) + struct.pack(">i", 0)
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
        connection.settimeout(2)
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = connection.recv(12, socket.MSG_WAITALL)
        if len(answer) == 12:
            _, correlation, brokers = struct.unpack(">iii", answer)
            return bool(correlation == 7 and brokers)
    return False
