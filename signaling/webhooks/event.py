"""What a webhook says: ids and times, never names, texts or addresses."""

import secrets

import msgspec

from signaling.hosting.lifecycle import Kind, LifecycleEvent


class EventData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom an event is about. Who they are otherwise, the REST interface tells those who may know."""

    room_id: str
    # None for events of the room itself.
    participant_id: str | None = None
    # Why, where there is a reason: `left`, `removed` ...
    reason: str = ""


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event, as it is posted. It may come twice: `id` is the same then."""

    id: str
    # What happened, as signaling.hosting.lifecycle has it.
    type: Kind
    # When it happened, in epoch milliseconds.
    at_ms: int
    data: EventData


def webhook_event(event: LifecycleEvent) -> WebhookEvent:
    """Give what is told of an event, under an id of its own."""
    data = EventData(room_id=event.room_id, participant_id=event.participant_id, reason=event.reason)
    return WebhookEvent(id=f"evt_{secrets.token_hex(16)}", type=event.kind, at_ms=event.at_ms, data=data)
