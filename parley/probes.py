"""A small server for the probes alone, where there is no door."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from signaling.health import Health

SHUTDOWN_S = 1.0
"""Seconds for probes in progress when the server stops."""
CHECK_S = 0.5
"""Seconds between two looks at how late the event loop runs."""


@contextlib.asynccontextmanager
async def probed(health: Health, host: str, port: int) -> AsyncIterator[str]:
    """Answer /healthz, /readyz and /metrics while the block runs; yields their address, `http://host:port`.

    Raises:
        OSError: the port is taken, or the host is not of this machine.
    """
    app = web.Application()
    health.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        async with health.watch(CHECK_S):
            await web.TCPSite(runner, host, port).start()
            bound, number = runner.addresses[0][:2]
            yield f"http://[{bound}]:{number}" if ":" in bound else f"http://{bound}:{number}"
    finally:
        await runner.cleanup()
