"""What a room asks of the workers."""

from pipeline.messages import RoomSettings


def test_settings_are_kept_by_room() -> None:
    """The newest of each room counts; a room that asks nothing has the defaults."""
    settings = RoomSettings(room_id="room")
    assert (settings.key, settings.glossary, settings.formality) == ("room", {}, "default")
