"""What every handler of the application works with."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import Counter

from signaling.caption_feed import CaptionFeed
from signaling.health import Health
from signaling.rooms import Rooms
from signaling.settings import SignalingSettings
from signaling.tokens import Grant, Tokens

if TYPE_CHECKING:
    from signaling.session import Session

REFUSED = Counter("parley_signaling_refused_total", "Requests and sockets that were turned away", ["reason"])


@dataclass
class Door:
    """The parts of one application; see `DOOR`."""

    rooms: Rooms
    feed: CaptionFeed
    # Production authentication takes this place: whatever verifies a token and gives a Grant.
    tokens: Tokens
    health: Health
    settings: SignalingSettings
    # Who is in, by their grant: one identity has one session in a room.
    sessions: dict[Grant, "Session"] = field(default_factory=dict)
    # Every open WebSocket, to be closed when the server goes away.
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    # Tasks that nobody awaits, kept from the garbage collector.
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


DOOR = web.AppKey("DOOR", Door)
