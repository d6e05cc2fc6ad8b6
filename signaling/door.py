"""What every handler of the application works with."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import Counter

from signaling.captions.feed import CaptionFeed
from signaling.health import Health
from signaling.identity.grant import Grant, Identity
from signaling.identity.tokens import Tokens
from signaling.limits import AllLimits
from signaling.rooms import Rooms
from signaling.settings import SignalingSettings

if TYPE_CHECKING:
    from signaling.presence import Presence

STOPPING = "this server is about to stop: join again in a moment"
"""Why nobody new is let in while it drains."""

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
    # What everybody may do.
    limits: AllLimits
    # Who is in: one identity is in a room once, with a socket or waiting for one.
    presences: dict[Identity, "Presence"] = field(default_factory=dict)
    # Every open WebSocket, to be closed when the server goes away.
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    # Tasks that nobody awaits, kept from the garbage collector.
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def takes(self, grant: Grant) -> bool:
        """Whether somebody may come in: anybody, or while the server drains, who is here already and comes back."""
        return not self.health.draining or grant.identity in self.presences

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a task until it is done."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


DOOR = web.AppKey("DOOR", Door)
