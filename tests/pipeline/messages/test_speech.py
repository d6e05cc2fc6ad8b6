"""Speech records."""

import msgspec

from tests.pipeline.messages.test_codec import SPEECH


def test_a_packet_sounds_for_20_ms() -> None:
    """A record without packets does not sound."""
    assert (SPEECH.duration_ms, msgspec.structs.replace(SPEECH, packets=()).duration_ms) == (40, 0)


def test_each_language_of_a_speaker_keeps_its_own_order() -> None:
    """The key is the speaker and the language."""
    assert SPEECH.key == "room/ann/es"
