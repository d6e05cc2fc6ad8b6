"""What every handler of the application works with."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import Counter

from signaling.captions.feed import CaptionFeed
from signaling.crowd import Crowd
from signaling.health import Health
from signaling.hosting.effects import Effects
from signaling.hosting.entry import Occupancy, may_enter, people_in
from signaling.hosting.hosts import Hosts
from signaling.hosting.lifecycle import Lifecycle
from signaling.hosting.lobby import Lobby
from signaling.hosting.refusal import Refusal
from signaling.hosting.room_states import RoomStates
from signaling.identity.api_keys import ApiKeys
from signaling.identity.grant import Grant, Identity
from signaling.identity.jwks_source import JwksSource
from signaling.identity.revocations import Revocations
from signaling.identity.tokens import Tokens
from signaling.identity.watch import Watch
from signaling.limits import AllLimits
from signaling.rooms import Rooms
from signaling.settings import SignalingSettings
from signaling.transcripts.transcripts import Transcripts
from signaling.webhooks.webhooks import Webhooks

if TYPE_CHECKING:
    from signaling.nodes.nodes import Nodes
    from signaling.presence import Presence

STOPPING = "this server is about to stop: join again in a moment"
"""Why nobody new is let in while it drains."""

REFUSED = Counter("parley_signaling_refused_total", "Requests and sockets that were turned away", ["reason"])


@dataclass
class Door:
    """The parts of one application; see `DOOR`."""

    rooms: Rooms
    feed: CaptionFeed
    tokens: Tokens
    # Where public keys come from, tokens that count no more, and the keys of services.
    token_keys: JwksSource
    revocations: Revocations
    api_keys: ApiKeys
    health: Health
    settings: SignalingSettings
    # What everybody may do.
    limits: AllLimits
    # How much of it an address and an identity may take up.
    crowd: Crowd
    # What is set about which room, who waits for it, what happens in it, and what its hosts can do.
    states: RoomStates = field(init=False)
    lobby: Lobby = field(init=False)
    lifecycle: Lifecycle = field(init=False, default_factory=Lifecycle)
    hosts: Hosts = field(init=False)
    # Who else is told of it.
    webhooks: Webhooks = field(init=False)
    # What is kept of what was said.
    transcripts: Transcripts = field(init=False)
    # The other nodes; None: there are none.
    nodes: "Nodes | None" = None
    # Who is in: one identity is in a room once, with a socket or waiting for one.
    presences: dict[Identity, "Presence"] = field(default_factory=dict)
    # The pages of participants whose room another node had, until they are back.
    former_pages: dict[Identity, str] = field(default_factory=dict)
    # Every open WebSocket, to be closed when the server goes away.
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    # The grant that each of them lives by.
    watches: dict[web.WebSocketResponse, Watch] = field(default_factory=dict)
    # Tasks that nobody awaits, kept from the garbage collector.
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.states = RoomStates(self.settings.hosting)
        self.lobby = Lobby(self.settings.hosting.lobby_size)
        self.hosts = Hosts(self)
        self.webhooks = Webhooks(self.settings.webhooks)
        self.lifecycle.watch(self.webhooks.tell)
        self.transcripts = Transcripts(
            self.settings.transcripts, feed=self.feed, states=self.states, lifecycle=self.lifecycle
        )
        Effects(self).watch()

    def refusal(self, grant: Grant) -> Refusal | None:
        """Say why somebody does not come into their room now; None if they do."""
        room = self.rooms.get(grant.room_id)
        members = {} if room is None else room.participants
        occupancy = Occupancy(grant.participant_id in members, people_in(members))
        must_exist = self.settings.hosting.rooms_must_exist
        return may_enter(grant, self.states.of(grant.room_id), occupancy, must_exist=must_exist)

    def takes(self, grant: Grant) -> bool:
        """Whether somebody may come in: anybody, or while the server drains, who is here already and comes back."""
        return not self.health.draining or grant.identity in self.presences

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a task until it is done."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


DOOR = web.AppKey("DOOR", Door)
