"""Whether this process is alive, and whether it is ready for more: the probes of a node, and of a worker as well.

Knows nothing of the door beside it, so that a worker can have it without one.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest

from signaling.background import running

LAG = Histogram(
    "parley_loop_lag_seconds",
    "How late the event loop ran a task that was due",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0),
)
READY = Gauge("parley_ready", "1 while this process takes new participants, or new work")

Facts = Mapping[str, Callable[[], object]]
"""What else a probe tells, by name: asked with each probe, values as JSON has them."""


class Health:
    """The state behind the probes. Draining makes a process unready, never dead."""

    def __init__(self, needs: Mapping[str, Callable[[], bool]], facts: Facts | None = None) -> None:
        # What must be true to be ready, by a name for people.
        self._needs = needs
        self._facts = facts or {}
        self._born = time.monotonic()
        self._started = False
        self._draining = False
        # How late the last look at the event loop was, in seconds.
        self.loop_lag_s = 0.0

    @property
    def draining(self) -> bool:
        """Whether `drain` was called."""
        return self._draining

    def drain(self) -> None:
        """Take nobody new from now on; who is here stays."""
        self._draining = True

    def missing(self) -> list[str]:
        """Give what stands between this process and being ready; empty if it is."""
        if not self._started:
            return ["starting"]
        if self._draining:
            return ["draining"]
        return [name for name, is_met in self._needs.items() if not is_met()]

    @contextlib.asynccontextmanager
    async def watch(self, interval_s: float) -> AsyncIterator[None]:
        """Measure the event loop's lag while the block runs."""
        async with running(self._measure(interval_s), name="loop-lag"):
            self._started = True
            yield

    async def _measure(self, interval_s: float) -> None:
        while True:
            due = time.monotonic() + interval_s
            await asyncio.sleep(interval_s)
            self.loop_lag_s = max(0.0, time.monotonic() - due)
            LAG.observe(self.loop_lag_s)

    def add_routes(self, app: web.Application) -> None:
        """Answer the three probes."""
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)

    def _told(self) -> dict[str, object]:
        uptime_s = round(time.monotonic() - self._born, 1)
        return {"uptime_s": uptime_s, **{name: fact() for name, fact in self._facts.items()}}

    async def healthz(self, _request: web.Request) -> web.Response:
        """Answer as long as the loop runs at all."""
        lag_ms = round(self.loop_lag_s * 1000, 1)
        return web.json_response({"alive": True, "loop_lag_ms": lag_ms, **self._told()})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Answer 503 and what is missing while starting, draining or without something needed."""
        missing = self.missing()
        READY.set(not missing)
        body = {"ready": not missing, "missing": missing, **self._told()}
        return web.json_response(body, status=503 if missing else 200)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Give all of this process's metrics in Prometheus' text format."""
        READY.set(not self.missing())
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
