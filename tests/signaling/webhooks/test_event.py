"""What a webhook says."""

import msgspec

from signaling.hosting.lifecycle import LifecycleEvent
from signaling.webhooks.event import webhook_event


def test_an_event_tells_what_happened_to_whom() -> None:
    """Ids and a time, as JSON."""
    told = webhook_event(
        LifecycleEvent(kind="participant_left", room_id="demo", participant_id="ada", at_ms=7, reason="removed")
    )
    assert msgspec.to_builtins(told) == {
        "id": told.id,
        "type": "participant_left",
        "at_ms": 7,
        "data": {"room_id": "demo", "participant_id": "ada", "reason": "removed"},
    }


def test_what_is_not_there_is_left_out() -> None:
    """A room's event has no participant."""
    told = webhook_event(LifecycleEvent(kind="room_started", room_id="demo", at_ms=7))
    assert msgspec.to_builtins(told)["data"] == {"room_id": "demo"}


def test_each_event_has_an_id() -> None:
    """By which a receiver knows what it has already."""
    event = LifecycleEvent(kind="room_started", room_id="demo", at_ms=7)
    assert webhook_event(event).id != webhook_event(event).id
