"""What a room tells a page, as it travels."""

import msgspec
import pytest

from media_server.events import (
    Event,
    Notice,
    ParticipantInfo,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    RestoreOriginal,
    SlotChanged,
    Speaking,
    SuppressOriginal,
)

INFO = ParticipantInfo(participant_id="ann", name="Ann", speaking_language="en", listening_language="es")


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (ParticipantJoined(participant=INFO), "participant_joined"),
        (ParticipantUpdated(participant=INFO), "participant_updated"),
        (ParticipantLeft(participant_id="ann"), "participant_left"),
        (SlotChanged(mid="1", kind="none"), "slot"),
        (Speaking(speaker_ids=("ann",)), "speaking"),
        (SuppressOriginal(speaker_id="ann"), "suppress_original"),
        (RestoreOriginal(speaker_id="ann"), "restore_original"),
        (Notice(code="x", text="X."), "notice"),
    ],
)
def test_type_is_that_of_the_protocol(event: Event, kind: str) -> None:
    """Every event carries the type under which the signaling protocol describes it, and survives the journey."""
    sent = msgspec.json.encode(event)
    assert msgspec.json.decode(sent)["type"] == kind
    assert msgspec.json.decode(sent, type=type(event)) == event


def test_slot_tells_whose_voice_in_which_language() -> None:
    """A voice's slot names the speaker and the language."""
    event = SlotChanged(mid="5", kind="voice", speaker_id="ann", language="es")
    assert msgspec.json.decode(msgspec.json.encode(event)) == {
        "type": "slot",
        "mid": "5",
        "kind": "voice",
        "speaker_id": "ann",
        "language": "es",
    }
