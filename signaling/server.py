"""The application on a socket, with limits that aiohttp's defaults lack."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

from aiohttp import web

from signaling.access_log import AccessLog
from signaling.connection import Connection, Front
from signaling.door import DOOR, Door
from signaling.server_log import SERVER_LOG

# Seconds for requests in progress when the server stops; sockets have been closed by then.
_SHUTDOWN_S = 5.0
# Headers of one request; each has at most 8,190 bytes. Browsers behind proxies send less than 40.
_MAX_HEADERS = 64
# Connections that may wait to be accepted.
_BACKLOG = 512


@contextlib.asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application of `build_app` while the block runs; yields its address, `http://host:port`.

    Raises:
        OSError: the port is taken, or the host is not of this machine.
    """
    runner = web.AppRunner(app, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        async with _listening(runner, app[DOOR]) as (host, port):
            yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _listening(runner: web.AppRunner, door: Door) -> AsyncIterator[tuple[str, int]]:
    """Accept connections while the block runs; those that stand then are the runner's to end."""
    settings = door.settings
    server = cast("web.Server", runner.server)  # there is one from `setup` on
    front = Front(door.crowd.addresses, per_address=settings.connections_per_address, in_all=settings.max_connections)

    def connection() -> Connection:
        return Connection(
            server,
            front,
            access_log_class=AccessLog,
            logger=SERVER_LOG,
            # aiohttp counts it from the connection on: also the time in which complete headers must be here.
            keepalive_timeout=settings.header_deadline_s,
            max_headers=_MAX_HEADERS,
            # Nothing is ever inflated: compressed bodies are refused.
            auto_decompress=False,
        )

    listener = await asyncio.get_running_loop().create_server(
        connection, settings.host, settings.port, backlog=_BACKLOG
    )
    try:
        host, port = listener.sockets[0].getsockname()[:2]
        yield host, port
    finally:
        listener.close()
