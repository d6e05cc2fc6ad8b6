"""What happens in rooms, for those outside of them: webhooks, REST, transcripts."""

import time
from collections.abc import Callable
from typing import Literal

import msgspec
from prometheus_client import Counter

from signaling.hosting.watchers import Watchers

Kind = Literal[
    # The first one is in; the last one has left (`reason`: why).
    "room_started",
    "room_ended",
    "participant_joined",
    # `reason`: see CloseReason.
    "participant_left",
    # Somebody waits in the lobby, was let in from there (`participant_joined` follows), or waits no more (`reason`:
    # `denied`, `left`, `room_ended`).
    "participant_waiting",
    "participant_admitted",
    "participant_gave_up",
    # A host muted them; `reason` is `host`.
    "participant_muted",
    # A transcript of the room can be fetched.
    "transcript_ready",
]

EVENTS = Counter("parley_lifecycle_events_total", "Things that happened in rooms, as told to webhooks", ["kind"])


class LifecycleEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. Hidden participants are in none of them."""

    kind: Kind
    room_id: str
    # None: it is about the room.
    participant_id: str | None = None
    # Epoch milliseconds.
    at_ms: int
    # A short word; empty where there is nothing to say.
    reason: str = ""


class Lifecycle:
    """Where things that happen are told, and who is told of them, at once and in order.

    Whoever lets people into rooms, by whichever socket, says so with `joined` and `left`: that is how rooms start and
    end here.
    """

    def __init__(self) -> None:
        self._watchers: Watchers[LifecycleEvent] = Watchers("lifecycle")
        # Room -> who is in it, the hidden left out.
        self._present: dict[str, set[str]] = {}

    def watch(self, callback: Callable[[LifecycleEvent], None]) -> Callable[[], None]:
        """Call back with each event; it must not block. Gives what ends that."""
        return self._watchers.add(callback)

    def emit(self, kind: Kind, room_id: str, participant_id: str | None = None, *, reason: str = "") -> None:
        """Tell that something happened, now. Never raises."""
        EVENTS.labels(kind).inc()
        at_ms = time.time_ns() // 1_000_000
        self._watchers.tell(
            LifecycleEvent(kind=kind, room_id=room_id, participant_id=participant_id, at_ms=at_ms, reason=reason)
        )

    def joined(self, room_id: str, participant_id: str, *, hidden: bool = False) -> None:
        """Tell that somebody has come in, and that a room has started if they are the first. Twice is once."""
        if hidden:
            return
        present = self._present.setdefault(room_id, set())
        if participant_id in present:
            return
        present.add(participant_id)
        if len(present) == 1:
            self.emit("room_started", room_id)
        self.emit("participant_joined", room_id, participant_id)

    def left(self, room_id: str, participant_id: str, reason: str = "") -> None:
        """Tell that somebody has left, and that a room has ended if they were the last. Who is not in cannot leave."""
        present = self._present.get(room_id, set())
        if participant_id not in present:
            return
        present.discard(participant_id)
        self.emit("participant_left", room_id, participant_id, reason=reason)
        # A watcher may have let somebody in meanwhile.
        if not present and self._present.get(room_id) is present:
            del self._present[room_id]
            self.emit("room_ended", room_id, reason=reason)
