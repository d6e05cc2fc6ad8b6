"""How somebody sounds who lets their own voice be used."""

from pipeline.bus.topics import TOPICS
from pipeline.messages import VoiceReference
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.messages.codec import encode
from pipeline.messages.voice_reference import LONGEST_MS


def test_a_voice_is_kept_by_speaker_and_room() -> None:
    """The newest counts, and one in another room is another."""
    assert VoiceReference(room_id="room", user_id="ada").key == "room/ada"


def test_the_longest_fits_into_a_record() -> None:
    """No reader leaves it out for its size."""
    most = next(topic.max_bytes for topic in TOPICS if topic.name == VoiceReference.TOPIC)
    longest = VoiceReference(room_id="r" * 64, user_id="u" * 64, payload=bytes(LONGEST_MS * BYTES_PER_MS))
    assert len(encode(longest)) < most
