"""From segments to chunks."""

from media_server.analysis.segments import Ended, MaybeEnded, Resumed, Segment, Sound, Started
from media_server.chunker import Chunker, Setting
from pipeline.messages import AudioChunk, Target
from tests.fakes.analysis import PCM_100_MS

NOW_MS = 1_800_000_000_500
SETTING = Setting(language="en", targets=(Target("es", 40),), now_ms=NOW_MS)


def chunks_of(*segments: Segment, chunker: Chunker | None = None) -> list[AudioChunk]:
    chunker = chunker or Chunker(room_id="hall", user_id="ann", first_number=100)
    return [chunk for segment in segments for chunk in chunker.take(segment, SETTING)]


def test_sound_becomes_chunks() -> None:
    """Each Sound is a chunk that says where it is, who speaks in which language, and who listens."""
    first, second = chunks_of(Started(at_ms=1000), Sound(PCM_100_MS, 0), Sound(PCM_100_MS, 100))
    assert (first.room_id, first.user_id, first.language) == ("hall", "ann", "en")
    assert (first.start_ms, second.start_ms, second.end_ms) == (0, 100, 200)
    assert first.utterance_started_at_ms == 1000
    assert first.targets == (Target("es", 40),)
    assert first.times.captured_at_ms == NOW_MS
    assert first.utterance_id == second.utterance_id
    assert first.sequence_number < second.sequence_number


def test_marks_are_empty_chunks_at_the_end_of_the_sound() -> None:
    """A possible end, and the end, say where the sound stands and when the speech ended."""
    _, maybe, last = chunks_of(
        Started(at_ms=1000), Sound(PCM_100_MS, 0), MaybeEnded(revision=1, speech_end_ms=60), Ended(1, speech_end_ms=60)
    )
    assert (maybe.payload, maybe.maybe_last, maybe.last, maybe.start_ms) == (b"", 1, False, 100)
    assert (last.payload, last.maybe_last, last.last, last.confirms) == (b"", 0, True, 1)
    assert last.times.speech_ended_at_ms == 1060


def test_utterance_knows_its_end() -> None:
    """Whoever holds the Utterance sees that it ended, when, and by which speculation."""
    chunker = Chunker(room_id="hall", user_id="ann", first_number=100)
    chunks_of(Started(at_ms=1000), chunker=chunker)
    utterance = chunker.utterance
    assert utterance is not None
    chunks_of(Resumed(1), Ended(2, speech_end_ms=700), chunker=chunker)
    assert (utterance.voided, utterance.confirms, utterance.speech_ended_at_ms) == (1, 2, 1700)
    assert utterance.ended_at_ms == NOW_MS
    assert chunker.utterance is None


def test_utterances_are_numbered_in_order() -> None:
    """A later utterance has another id and a higher number."""
    chunker = Chunker(room_id="hall", user_id="ann", first_number=100)
    chunks_of(Started(at_ms=1000), chunker=chunker)
    first = chunker.utterance
    chunks_of(Ended(0, 100), Started(at_ms=2000), chunker=chunker)
    second = chunker.utterance
    assert first is not None
    assert second is not None
    assert second.number > first.number
    assert second.utterance_id != first.utterance_id


def test_nothing_comes_of_nothing() -> None:
    """Sound outside an utterance, or a second end, is not sent."""
    assert chunks_of(Sound(PCM_100_MS, 0), Ended(0, 100)) == []


def test_an_echo_is_void() -> None:
    """The chunk that ends it says so."""
    *_, last = chunks_of(Started(at_ms=1000), Sound(PCM_100_MS, 0), Ended(0, speech_end_ms=0, void=True))
    assert (last.last, last.void) == (True, True)
