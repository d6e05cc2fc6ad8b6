"""What every message has in common."""

import msgspec
import pytest

from pipeline.messages.base import Message, Said, Times
from pipeline.messages.codec import SCHEMAS
from tests.pipeline.messages.test_codec import SPEECH
from tests.pipeline.support import chunk, transcript, translation


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


def test_what_was_said_is_empty_without_text_and_sound() -> None:
    """Each kind looks at what it carries."""
    full: list[Said] = [chunk(), transcript(), translation(), SPEECH]
    empty: list[Said] = [chunk(ms=0), transcript(""), translation(""), msgspec.structs.replace(SPEECH, packets=())]
    assert [message.empty for message in full + empty] == [False] * 4 + [True] * 4
    with pytest.raises(NotImplementedError):
        _ = Said(room_id="r", user_id="u", sequence_number=0, utterance_id="u1").empty
