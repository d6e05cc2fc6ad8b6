"""What every message has in common."""

import msgspec
import pytest

from pipeline.messages.base import Message, Times
from pipeline.messages.codec import SCHEMAS
from tests.pipeline.support import chunk


def test_messages_do_not_change() -> None:
    """They are passed on as they are, so nobody may write into them."""
    with pytest.raises(AttributeError):
        chunk().sequence_number = 2  # type: ignore[misc]


def test_times_take_no_room_until_they_are_known() -> None:
    """Stages add theirs; what is not known is not sent."""
    assert msgspec.json.encode(Times(captured_at_ms=5)) == b'{"captured_at_ms":5}'


def test_every_kind_of_message_says_what_keeps_its_order() -> None:
    """A kind without a key could not be published."""
    assert [schema.SCHEMA for schema in SCHEMAS.values() if schema.key is Message.key] == []
    with pytest.raises(NotImplementedError):
        _ = Message().key
