"""The application on a socket, with limits that aiohttp's defaults lack."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from signaling.access_log import AccessLog
from signaling.door import DOOR
from signaling.server_log import SERVER_LOG

# Seconds for requests in progress when the server stops; sockets have been closed by then.
_SHUTDOWN_S = 5.0


@contextlib.asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application of `build_app` while the block runs; yields its address, `http://host:port`.

    Raises:
        OSError: the port is taken, or the host is not of this machine.
    """
    settings = app[DOOR].settings
    runner = web.AppRunner(
        app,
        access_log_class=AccessLog,
        logger=SERVER_LOG,
        # aiohttp counts it from the connection on: also the time in which complete headers must be here.
        keepalive_timeout=settings.header_deadline_s,
        shutdown_timeout=_SHUTDOWN_S,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()
