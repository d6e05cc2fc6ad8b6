"""The aiohttp application: the page, the sockets, the REST interface and the probes."""

from collections.abc import AsyncIterator, Callable, Mapping

from aiohttp import web

from pipeline.bus.bus import Bus
from signaling import dev_token, languages, sockets
from signaling.captions import socket as captions_socket
from signaling.captions.feed import CaptionFeed
from signaling.door import DOOR, Door
from signaling.health import Facts, Health
from signaling.identity.tokens import Tokens
from signaling.limits import AllLimits
from signaling.page import Page, add_security_headers
from signaling.rooms import Rooms
from signaling.settings import SignalingSettings


def build_app(
    rooms: Rooms,
    bus: Bus,
    settings: SignalingSettings | None = None,
    *,
    needs: Mapping[str, Callable[[], bool]] | None = None,
    facts: Facts | None = None,
) -> web.Application:
    """Put the door together. Its tasks start and stop with the application.

    Args:
        rooms: the rooms of this node, open for as long as the application runs.
        bus: where captions come from, likewise.
        settings: `SignalingSettings()` if None.
        needs: what else must be true for `/readyz`, by a name for people.
        facts: what else the probes tell.
    """
    settings = settings or SignalingSettings()
    feed = CaptionFeed(bus, rooms, history=settings.caption_history, expiry_ms=settings.caption_expiry_ms)
    health = Health({"captions": lambda: feed.running, **(needs or {})}, facts)
    app = web.Application(client_max_size=settings.max_message_bytes)
    app[DOOR] = Door(
        rooms=rooms, feed=feed, tokens=Tokens(settings), health=health, settings=settings, limits=AllLimits(settings)
    )
    app.cleanup_ctx.append(_run_tasks)
    app.on_response_prepare.append(add_security_headers)
    app.on_shutdown.append(sockets.close_all)
    _add_routes(app, health)
    return app


async def _run_tasks(app: web.Application) -> AsyncIterator[None]:
    door = app[DOOR]
    async with door.feed.open(), door.health.watch(door.settings.loop_check_s):
        yield


def _add_routes(app: web.Application, health: Health) -> None:
    Page().add_routes(app)
    app.router.add_get("/ws/signaling/{room_id}", sockets.signaling)
    app.router.add_get("/ws/captions/{room_id}", captions_socket.captions)
    app.router.add_get("/api/v1/languages", languages.languages)
    app.router.add_post("/api/v1/dev-token", dev_token.dev_token)
    health.add_routes(app)
