"""The door with fake rooms behind it and a real bus in memory, served on a port of its own."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from media_server.peer import PeerFactory
from pipeline.bus.memory import MemoryBus
from signaling.app import build_app
from signaling.door import DOOR, Door
from signaling.identity.grant import Grant, Identity
from signaling.server import serving
from signaling.settings import SignalingSettings
from tests.fakes.rooms import FakeRooms


@dataclass
class ServedDoor:
    """A running door and what is behind it."""

    # http://127.0.0.1:port
    url: str
    door: Door
    rooms: FakeRooms
    bus: MemoryBus

    def token(self, room_id: str, participant_id: str | None = None, **grant: Any) -> str:
        """Give a token; `grant` has the fields of a Grant that are not a speaker's."""
        if participant_id is None or not grant:
            return self.door.tokens.issue(room_id, participant_id)
        return self.door.tokens.issue_for(Grant(identity=Identity(participant_id, room_id), **grant))


@contextlib.asynccontextmanager
async def served_door(
    settings: SignalingSettings | None = None, new_peer: PeerFactory | None = None
) -> AsyncIterator[ServedDoor]:
    """Serve a door while the block runs."""
    rooms = FakeRooms(new_peer)
    async with MemoryBus() as bus:
        app = build_app(rooms, bus, replace(settings or SignalingSettings(), port=0))
        async with serving(app) as url:
            yield ServedDoor(url, app[DOOR], rooms, bus)
