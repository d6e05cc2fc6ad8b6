"""Whose own voice may be used, and from when to when."""

from media_server.own_voice import ENOUGH_MS, OwnVoice
from pipeline.messages import Message, VoiceReference
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.messages.voice_reference import LONGEST_MS
from tests.fakes.clock import FakeClock

SECOND = b"\x01\x00" * 16_000


def own_voice() -> tuple[OwnVoice, list[VoiceReference]]:
    announced: list[VoiceReference] = []

    def announce(message: Message) -> None:
        assert isinstance(message, VoiceReference)
        announced.append(message)

    return OwnVoice("demo", "ada", announce, FakeClock()), announced


def test_without_consent_nothing_is_collected() -> None:
    """However long somebody speaks."""
    voice, announced = own_voice()
    for _ in range(20):
        voice.hear(SECOND)
    voice.close()
    assert not announced


def test_with_consent_some_seconds_are_sent_once() -> None:
    """From the speech that came after it, with the time at which it was given."""
    voice, announced = own_voice()
    voice.hear(b"\x02\x00" * 16_000)
    voice.consent(True)
    for _ in range(20):
        voice.hear(SECOND)
    (reference,) = announced
    assert reference.key == "demo/ada"
    assert ENOUGH_MS <= len(reference.payload) / BYTES_PER_MS <= LONGEST_MS
    assert set(reference.payload) == {0, 1}
    assert reference.consented_at_ms > 0


def test_what_was_sent_is_taken_back_with_the_consent() -> None:
    """And may be given anew."""
    voice, announced = own_voice()
    voice.consent(True)
    voice.hear(SECOND * 7)
    voice.consent(False)
    voice.hear(SECOND * 7)
    assert [reference.ended for reference in announced] == [False, True]
    voice.consent(True)
    voice.hear(SECOND * 7)
    assert [reference.ended for reference in announced] == [False, True, False]


def test_who_leaves_takes_their_voice_along() -> None:
    """Once; and what was only collected is dropped without a word."""
    voice, announced = own_voice()
    voice.consent(True)
    voice.hear(SECOND * 7)
    voice.close()
    voice.close()
    assert [reference.ended for reference in announced] == [False, True]
    other, nothing = own_voice()
    other.consent(True)
    other.hear(SECOND)
    other.close()
    other.hear(SECOND * 7)
    assert not nothing
