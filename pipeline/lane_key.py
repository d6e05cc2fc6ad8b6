"""What keeps its order and its state in a worker."""

from pipeline.bus.bus import Record
from pipeline.messages.base import Said


def lane_key(message: Said) -> str:
    """Name a message's lane: its key while it is live. A replayed utterance has a lane of its own.

    So a replay neither waits for what its speaker says now, nor ends it.
    """
    return message.key if message.purpose == "live" else f"{message.key} {message.purpose} {message.utterance_id}"


def lane_key_of(record: Record) -> str:
    """Name a record's lane. What cannot be read keeps no order, and no state is kept of it."""
    message = record.message
    return lane_key(message) if isinstance(message, Said) else f"unreadable {record.partition}"
