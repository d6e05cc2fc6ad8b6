"""How a room's participants are put together."""

from structlog.testing import capture_logs

from media_server.events import Event
from media_server.settings import MediaSettings
from tests.fakes.hall import Hall


async def test_a_newcomer_is_guarded_against_their_own_loudspeaker() -> None:
    """Unless the settings say otherwise."""
    for guards in (True, False):
        hall = Hall(MediaSettings(echo_guard=guards))
        ann = await hall.join("ann")
        assert (ann.analyser.echo.played is not None) is guards


async def test_a_newcomer_without_a_microphone_is_muted_from_the_first() -> None:
    """What the room says of them holds for what they send."""
    hall = Hall()
    ann = hall.enter("ann")
    assert ann.participant.speaker.muted is ann.participant.info.muted


async def test_an_event_that_cannot_be_told_harms_nobody() -> None:
    """What somebody's page raises goes no further."""
    hall = Hall()

    def broken(event: Event) -> None:
        raise RuntimeError("the page is gone")

    with capture_logs() as logs:
        hall.room.join(
            participant_id="ann",
            name="Ann",
            speaking_language="en",
            listening_language="en",
            original="off",
            events=broken,
        )
        bob = await hall.join("bob")
    assert bob.participant.info.participant_id in hall.room.participants
    assert logs
