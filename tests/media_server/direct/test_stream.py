"""One speaker's sound as frames for one client."""

from media_server.direct.frame import SoundFrame
from media_server.direct.stream import Stream
from media_server.packet import VoiceOrigin

MS_20 = b"\1\2" * 320
FIRST = VoiceOrigin("u1", 5_000, "es")


def feed(
    stream: Stream, count: int, utterance: str = "u1", origin: VoiceOrigin | None = FIRST, at: int = 0
) -> list[SoundFrame]:
    """Add so many times 20 ms, 20 ms apart, from `at` on."""
    return [frame for place in range(count) for frame in stream.add(MS_20, utterance, origin, at + place * 20)]


def told(frames: list[SoundFrame]) -> list[tuple[str, int, int, bool]]:
    return [(frame.utterance_id, frame.timestamp_ms, frame.duration_ms, frame.last) for frame in frames]


def test_sound_is_collected_to_frames_of_one_length() -> None:
    """Numbered from 1 on, each with the time of its first sample and how much went before."""
    frames = feed(Stream("ann", "voice", frame_ms=100), 11)
    assert told(frames) == [("u1", 0, 100, False), ("u1", 100, 100, False)]
    assert [(frame.sequence, frame.offset_ms, frame.ended_at_ms) for frame in frames] == [
        (1, 0, 5_000),
        (2, 100, 5_000),
    ]
    assert b"".join(frame.sound for frame in frames) == MS_20 * 10
    assert frames[0].language == "es"


def test_what_is_left_goes_when_silence_follows() -> None:
    """A voice may go on after it, so that is not its end."""
    stream = Stream("ann", "voice", frame_ms=100)
    feed(stream, 3)
    assert told(stream.rest()) == [("u1", 0, 60, False)]
    assert stream.rest() == []


def test_the_end_of_an_utterance_is_told_once_and_to_its_own() -> None:
    """Without sound if there is none left."""
    stream = Stream("ann", "voice", frame_ms=100)
    feed(stream, 5)
    assert stream.finish("u0") == []
    assert told(stream.finish("u1")) == [("u1", 100, 0, True)]
    assert stream.finish("u1") == []


def test_a_frame_never_holds_two_utterances() -> None:
    """The next one's first sound ends the one before, in case nobody said so."""
    stream = Stream("ann", "voice", frame_ms=100)
    feed(stream, 2)
    frames = feed(stream, 5, "u2", VoiceOrigin("u2", 6_000, "es"), at=40)
    assert told(frames) == [("u1", 0, 40, True), ("u2", 40, 100, False)]
    assert [frame.sequence for frame in frames] == [1, 2]


def test_a_frame_never_holds_two_clauses() -> None:
    """Each clause's lateness can be told from its first frame."""
    stream = Stream("ann", "voice", frame_ms=100)
    feed(stream, 2)
    frames = feed(stream, 5, "u1", VoiceOrigin("u1", 6_000, "es"), at=40)
    assert [(frame.ended_at_ms, frame.offset_ms, frame.last) for frame in frames] == [
        (5_000, 0, False),
        (6_000, 0, False),
    ]


def test_a_frame_never_holds_both_sides_of_a_pause() -> None:
    """Its samples follow on each other in time."""
    stream = Stream("ann", "floor", frame_ms=100)
    feed(stream, 2, "", None)
    assert told(feed(stream, 5, "", None, at=500)) == [("", 0, 40, False), ("", 500, 100, False)]


def test_a_floor_ends_with_its_stretch() -> None:
    """When its slot rests, and not when an utterance merely begins in it."""
    stream = Stream("ann", "floor", frame_ms=100)
    feed(stream, 2, "", None)
    assert told(feed(stream, 5, "u1", None, at=40)) == [("", 0, 40, False), ("u1", 40, 100, False)]
    assert told(stream.rest()) == [("u1", 140, 0, True)]
    assert stream.rest() == []


def test_opus_packets_are_frames_as_they_are() -> None:
    """With a frame length of 0."""
    stream = Stream("ann", "voice", frame_ms=0)
    (frame,) = stream.add(b"opus", "u1", FIRST, 0)
    assert (frame.sound, frame.duration_ms) == (b"opus", 20)
