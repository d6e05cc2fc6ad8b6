"""A participant, as the interface tells of them."""

from media_server.events import ParticipantInfo
from signaling.rest.participant import participant_of


def test_a_participant_is_told_as_the_others_see_them() -> None:
    """Names included: whoever asks here may know them."""
    info = ParticipantInfo(
        participant_id="ada", name="Ada", speaking_language="en", listening_language="es", role="host", muted=True
    )
    told = participant_of(info)
    assert (told.participant_id, told.name, told.role) == ("ada", "Ada", "host")
    assert (told.speaking_language, told.listening_language, told.muted, told.away) == ("en", "es", True, False)
