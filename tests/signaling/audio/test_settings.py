"""What can be set about audio sockets."""

import pytest

from signaling.audio.settings import AudioSettings


@pytest.mark.parametrize("name", ["ahead_s", "buffer_s", "outbox_ms", "max_message_bytes", "max_containers"])
def test_values_that_cannot_work_are_refused_by_name(name: str) -> None:
    """Nothing may be 0."""
    with pytest.raises(ValueError, match=name):
        AudioSettings(**{name: 0})


def test_a_second_of_stereo_fits_into_a_message() -> None:
    """At 48 kHz: the most that is asked for."""
    assert AudioSettings().max_message_bytes >= 48_000 * 2 * 2
