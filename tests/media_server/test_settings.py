"""What can be set about the media server."""

import dataclasses

import pytest

from media_server.settings import MediaSettings


def test_defaults_are_those_of_the_design() -> None:
    """Eight slots, five seconds for a voice, one voice at a time."""
    settings = MediaSettings()
    assert (settings.floor_slots, settings.voice_slots) == (4, 4)
    assert (settings.voice_deadline_ms, settings.hole_ms, settings.overlap) == (5_000, 1_500, False)
    assert settings.analysis.chunk_ms == 100


def test_settings_do_not_change() -> None:
    """They are fixed when the node starts."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        MediaSettings().overlap = True  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong",
    [
        {"floor_slots": 0},
        {"voice_slots": -1},
        {"tick_ms": 0},
        {"voice_deadline_ms": 0},
        {"voice_turn_ms": 4_000},
        {"late_utterances": 0},
        {"drain_ms": -1},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, int]) -> None:
    """A value that cannot work is refused by name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MediaSettings(**wrong)  # type: ignore[arg-type]
