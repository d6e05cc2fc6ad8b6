"""A node, two bystanders on it, and what an attack does to them. The attackers are in the test's own process."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from tests.support.bare_node import bare_node
from tests.support.child import Child

LEAST_PACKETS_PER_S = 49
MOST_LAG_P99_MS = 50


class Watched:
    """What happened while an attack was watched; complete when the watch is over."""

    def __init__(self, before: dict[str, Any]) -> None:
        self._before = before
        self._after = before
        # How many of the 50 packets a second that a bystander sends the other one heard.
        self.packets_per_s = 0.0
        self.longest_gap_ms = 0.0
        # Of the node's event loop.
        self.lag_p99_ms = 0.0
        self.lag_max_ms = 0.0

    def complete(self, node: dict[str, Any], bystanders: dict[str, float]) -> None:
        """Take both sides' figures."""
        self._after = node
        self.lag_p99_ms, self.lag_max_ms = node["lag_p99_ms"], node["lag_max_ms"]
        self.packets_per_s, self.longest_gap_ms = bystanders["packets_per_s"], bystanders["longest_gap_ms"]

    @property
    def grown_mb(self) -> float:
        """By how much the node's memory grew."""
        return float(self._after["resident_mb"] - self._before["resident_mb"])

    def counted(self, name: str, **labels: str) -> float:
        """Give by how much a counter of the node went up."""
        key = ",".join((name, *(f"{label}={value}" for label, value in labels.items())))
        return float(self._after["counts"].get(key, 0.0) - self._before["counts"].get(key, 0.0))

    def assert_unharmed(self) -> None:
        """See that the bystanders noticed nothing."""
        assert self.packets_per_s >= LEAST_PACKETS_PER_S, self
        assert self.lag_p99_ms < MOST_LAG_P99_MS, self

    def __repr__(self) -> str:
        return (
            f"{self.packets_per_s:.1f} packets/s, gap {self.longest_gap_ms:.0f} ms, lag p99 {self.lag_p99_ms:.1f} ms, "
            f"max {self.lag_max_ms:.1f} ms, {self.grown_mb:+.1f} MB"
        )


class Siege:
    """A node that runs, and its bystanders, who talk all the time."""

    def __init__(self, node: Child, bystanders: Child, address: tuple[str, int], log: Path) -> None:
        self._node = node
        self._bystanders = bystanders
        self._log = log
        self.url: str = node.greeting["url"]
        # Where all media goes.
        self.address = address

    def logged(self) -> str:
        """Give what the node has logged so far."""
        return self._log.read_text()

    @contextlib.asynccontextmanager
    async def watch(self, seconds: float = 2.0) -> AsyncIterator[Watched]:
        """Watch the bystanders while the block runs, and for so long at least."""
        watched = Watched(await asyncio.to_thread(self._node.ask, "figures"))
        for each in (self._node, self._bystanders):
            await asyncio.to_thread(each.ask, "begin")
        began = time.monotonic()
        yield watched
        await asyncio.sleep(began + seconds - time.monotonic())
        bystanders = await asyncio.to_thread(self._bystanders.ask, "figures")
        watched.complete(await asyncio.to_thread(self._node.ask, "figures"), bystanders)


@contextlib.contextmanager
def siege(folder: Path) -> Iterator[Siege]:
    """Start a node and two bystanders; their logs go into the folder."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    log = folder / "node.log"
    with (
        bare_node(log, port=address[1]) as node,
        Child("tests.hostile.bystanders", log=folder / "bystanders.log") as bystanders,
    ):
        bystanders.tell(node.greeting["url"])
        assert bystanders.greeting == {}
        yield Siege(node, bystanders, address, log)
