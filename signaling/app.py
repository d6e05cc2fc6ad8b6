"""The aiohttp application: the page, the sockets, the REST interface and the probes."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from pipeline.bus.bus import Bus
from signaling import sockets
from signaling.audio import socket as audio_socket
from signaling.captions import socket as captions_socket
from signaling.captions import stream as captions_stream
from signaling.captions.feed import CaptionFeed
from signaling.crowd import Crowd
from signaling.door import DOOR, Door
from signaling.health import Facts, Health
from signaling.hosting.wishes import telling_workers
from signaling.identity.api_keys import ApiKeys
from signaling.identity.eviction import evicting
from signaling.identity.jwks_source import JwksSource
from signaling.identity.revocations import Revocations
from signaling.identity.tokens import Tokens
from signaling.limits import AllLimits
from signaling.page import Page, add_security_headers
from signaling.rate_limit import MIDDLEWARES
from signaling.rest.boundary import add_cors_headers, boundary
from signaling.rest.operations import OPERATIONS
from signaling.rest.routes import add_operations
from signaling.rooms import Rooms
from signaling.settings import SignalingSettings

if TYPE_CHECKING:
    from signaling.nodes.nodes import Nodes


def build_app(
    rooms: Rooms,
    bus: Bus,
    settings: SignalingSettings | None = None,
    *,
    needs: Mapping[str, Callable[[], bool]] | None = None,
    facts: Facts | None = None,
    nodes: "Nodes | None" = None,
) -> web.Application:
    """Put the door together. Its tasks start and stop with the application.

    Args:
        rooms: the rooms of this node, open for as long as the application runs.
        bus: where captions come from, likewise.
        settings: `SignalingSettings()` if None.
        needs: what else must be true for `/readyz`, by a name for people.
        facts: what else the probes tell.
        nodes: the other nodes, open for as long as the application runs; None if this one is alone.
    """
    settings = settings or SignalingSettings()
    feed = CaptionFeed(
        bus,
        rooms,
        history=settings.caption_history,
        expiry_ms=settings.caption_expiry_ms,
        settings=settings.captions,
        minutes_of=lambda room_id: app[DOOR].states.of(room_id).caption_minutes,
    )
    revocations, token_keys = Revocations(), JwksSource(settings.tokens)
    own_needs = {"captions": lambda: feed.running}
    if settings.tokens.has_jwks:
        own_needs["token_keys"] = lambda: token_keys.is_ready
    health = Health({**own_needs, **(needs or {})}, facts)
    app = web.Application(client_max_size=settings.max_message_bytes, middlewares=(boundary, *MIDDLEWARES))
    app[DOOR] = Door(
        rooms=rooms,
        feed=feed,
        tokens=Tokens(settings, source=token_keys, revocations=revocations),
        token_keys=token_keys,
        revocations=revocations,
        api_keys=ApiKeys(settings.tokens.named_api_keys),
        health=health,
        settings=settings,
        limits=AllLimits(settings),
        crowd=Crowd(settings),
    )
    app.cleanup_ctx.append(_run_tasks)
    app.on_response_prepare.extend((add_security_headers, add_cors_headers))
    app.on_shutdown.append(sockets.close_all)
    _add_routes(app, health)
    if nodes is not None:
        nodes.join(app, app[DOOR])
    return app


async def _run_tasks(app: web.Application) -> AsyncIterator[None]:
    door = app[DOOR]
    # What is opened first is closed last: that a room ended because the server did is still told.
    async with door.webhooks.open(), door.feed.open(), door.transcripts.open(), door.token_keys.open():
        with telling_workers(door.states, door.lifecycle, door.rooms), evicting(door):
            async with door.health.watch(door.settings.loop_check_s):
                yield


def _add_routes(app: web.Application, health: Health) -> None:
    Page().add_routes(app)
    app.router.add_get("/ws/signaling/{room_id}", sockets.signaling)
    app.router.add_get("/ws/captions/{room_id}", captions_socket.captions)
    audio_socket.add_route(app)
    captions_stream.end_with(app)
    add_operations(app, OPERATIONS)
    health.add_routes(app)
