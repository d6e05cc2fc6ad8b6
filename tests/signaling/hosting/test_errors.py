"""What cannot be done about a room."""

import pytest

from signaling.hosting.errors import (
    HostingError,
    LobbyFullError,
    NoSuchParticipantError,
    RoomFullError,
    TooManyNamedError,
)


@pytest.mark.parametrize(
    "error",
    [NoSuchParticipantError("demo", "p-1"), RoomFullError("demo"), LobbyFullError("demo"), TooManyNamedError("demo")],
)
def test_each_says_in_words_what_cannot_be_done(error: HostingError) -> None:
    """One line for people, and the room as data; nobody's id is in the words."""
    assert error.room_id == "demo"
    assert 10 < len(str(error)) < 120
    assert "p-1" not in str(error)
