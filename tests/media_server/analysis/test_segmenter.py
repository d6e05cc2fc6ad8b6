"""The segmenter, frame by frame: `#` is 20 ms of speech, `.` 20 ms of silence."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_server.analysis.segmenter import Frame, Segmenter, State
from media_server.analysis.segments import Ended, MaybeEnded, Resumed, Segment, Sound, Started
from media_server.analysis.settings import AnalysisSettings
from tests.media_server.analysis.streams import only, utterances

FRAME_S = 0.02


class Speaker:
    """Somebody who speaks by script; each frame's sound says which frame it is."""

    def __init__(self, **settings: int) -> None:
        self.settings = AnalysisSettings(**settings)
        self.segmenter = Segmenter(self.settings, lambda seconds: round(seconds * 1000))
        self.segments: list[Segment] = []
        self.frames = 0

    def says(self, script: str, level: float | None = None) -> list[Segment]:
        """Return what the segmenter makes of it."""
        said: list[Segment] = []
        for sign in script:
            said += self.segmenter.push(
                Frame(sound(self.frames), sign == "#", level or (-20.0 if sign == "#" else -60.0), self.now + FRAME_S)
            )
            self.frames += 1
        self.segments += said
        return said

    def waits(self, seconds: float) -> list[Segment]:
        """Let time pass without packets."""
        said = self.segmenter.tick(self.now + seconds)
        self.segments += said
        return said

    @property
    def now(self) -> float:
        return self.frames * FRAME_S


def sound(number: int) -> bytes:
    return number.to_bytes(2, "little") * 320


def frames(first: int, last: int) -> bytes:
    return b"".join(sound(number) for number in range(first, last))


def marks(segments: list[Segment]) -> list[Segment]:
    return [segment for segment in segments if not isinstance(segment, Sound)]


def test_silence_is_no_utterance() -> None:
    """A minute of it yields nothing."""
    assert Speaker().says("." * 3000) == []


def test_speech_and_silence_make_an_utterance() -> None:
    """It starts 300 ms before the speech, may be over after 150 ms of silence, and is after 300 ms."""
    speaker = Speaker()
    speaker.says("." * 50 + "#" * 50 + "." * 30)
    assert marks(speaker.segments) == [Started(700), MaybeEnded(1, 1300), Ended(1, 1300)]
    assert utterances(speaker.segments) == [(700, 2300, frames(35, 115))]


def test_marks_come_in_time() -> None:
    """The possible end with the eighth silent frame (160 ms), the end with the fifteenth (300 ms)."""
    speaker = Speaker()
    speaker.says("#" * 50 + "." * 7)
    assert only(MaybeEnded, speaker.segments) == []
    assert only(MaybeEnded, speaker.says(".")) != []
    speaker.says("." * 6)
    assert only(Ended, speaker.segments) == []
    assert only(Ended, speaker.says(".")) != []


def test_its_state_tells_where_it_stands() -> None:
    """INACTIVE, ACTIVE, SILENCE, INACTIVE."""
    speaker = Speaker()
    states = [speaker.segmenter.state]
    for script in ("###", ".", "." * 14):
        speaker.says(script)
        states.append(speaker.segmenter.state)
    assert states == [State.INACTIVE, State.ACTIVE, State.SILENCE, State.INACTIVE]


def test_a_click_is_no_utterance() -> None:
    """40 ms of speech are not enough to start."""
    assert Speaker().says(".....##......##.....") == []


def test_all_sound_is_given_out_before_a_mark() -> None:
    """Whoever acts on a possible end has heard everything up to it."""
    speaker = Speaker(chunk_ms=500)
    said = speaker.says("#" * 12 + "." * 8)
    assert isinstance(said[-1], MaybeEnded)
    assert b"".join(each.pcm for each in only(Sound, said)) == frames(0, 20)


@pytest.mark.parametrize("chunk_ms", [20, 50, 100, 500])
def test_sound_comes_in_chunks(chunk_ms: int) -> None:
    """Each as long as asked for, but for the remainder before a mark."""
    speaker = Speaker(chunk_ms=chunk_ms)
    speaker.says("#" * 100)
    assert {len(each.pcm) for each in only(Sound, speaker.segments)} == {chunk_ms * 32}


def test_speech_that_goes_on_voids_the_possible_end() -> None:
    """After a short pause the revision is void; the next possible end has the next number."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 10 + "#" * 20 + "." * 20)
    assert marks(speaker.segments) == [Started(0), MaybeEnded(1, 400), Resumed(1), MaybeEnded(2, 1000), Ended(2, 1000)]


def test_a_click_in_a_pause_voids_nothing() -> None:
    """One frame of sound after a possible end is not speech that goes on."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 10 + "#" + "." * 10)
    assert marks(speaker.segments) == [Started(0), MaybeEnded(1, 400), Ended(1, 400)]


def test_the_end_waits_for_what_may_be_speech() -> None:
    """Speech that begins in the last moment of the pause belongs to the utterance."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 14 + "#" * 5)
    assert marks(speaker.segments) == [Started(0), MaybeEnded(1, 400), Resumed(1)]


def test_two_utterances_share_no_sound() -> None:
    """What the first one gave out is not in the second one's pre-speech buffer."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 17 + "#" * 20 + "." * 20)
    first, second = utterances(speaker.segments)
    assert first[1] == 700
    assert second[0] == 700


def test_missing_packets_in_a_pause_are_silence() -> None:
    """With DTX the packets stop soon after the speech; the marks come all the same."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 5)
    assert speaker.waits(0.04) == []
    assert only(MaybeEnded, speaker.waits(0.11)) == [MaybeEnded(1, 400)]
    assert speaker.waits(0.12) == []
    assert marks(speaker.waits(0.21)) == [Ended(1, 400)]


def test_missing_packets_in_a_word_wait_for_the_network() -> None:
    """In the middle of speech the first 100 ms without packets are not silence yet."""
    speaker = Speaker()
    speaker.says("#" * 20)
    assert only(MaybeEnded, speaker.waits(0.24)) == []
    assert only(MaybeEnded, speaker.waits(0.26)) == [MaybeEnded(1, 400)]
    assert only(Ended, speaker.waits(0.39)) == []
    assert only(Ended, speaker.waits(0.41)) == [Ended(1, 400)]


def test_sound_that_comes_late_is_not_lost() -> None:
    """After a stall the utterance goes on if it is open still, without a hole."""
    speaker = Speaker()
    speaker.says("#" * 20)
    speaker.waits(0.3)
    speaker.says("#" * 20 + "." * 20)
    assert marks(speaker.segments)[:3] == [Started(0), MaybeEnded(1, 400), Resumed(1)]
    assert utterances(speaker.segments)[0][2][: 40 * 640] == frames(0, 40)


def test_closing_ends_the_utterance() -> None:
    """All sound comes out first; an unconfirmed end is 0, a possible end is confirmed."""
    talking, pausing = Speaker(), Speaker()
    talking.says("#" * 12)
    pausing.says("#" * 12 + "." * 9)
    assert talking.segmenter.close() == [Sound(frames(10, 12), 200), Ended(0, 240)]
    assert pausing.segmenter.close()[-1] == Ended(1, 240)
    assert talking.segmenter.close() == []


def test_patience_grows_with_the_speakers_pauses() -> None:
    """Who pauses for 280 ms again and again is given longer than 300 ms, up to 600."""
    speaker = Speaker()
    for _ in range(8):
        speaker.says("#" * 30 + "." * 14)
    assert 350 < speaker.segmenter.silence_threshold_ms <= 400
    assert len(only(Ended, speaker.segments)) == 0


def test_patience_learns_from_an_end_that_was_none() -> None:
    """Speech 400 ms after the last one was a pause, although it was taken for an end."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 20 + "#" * 20)
    assert speaker.segmenter.silence_threshold_ms == 400


def test_patience_decays() -> None:
    """After ends that were ends it is 300 ms again."""
    speaker = Speaker()
    speaker.says("#" * 20 + "." * 20)
    for _ in range(20):
        speaker.says("#" * 20 + "." * 100)
    assert speaker.segmenter.silence_threshold_ms == pytest.approx(300, abs=1)


def test_an_utterance_is_cut_in_a_pause_before_it_gets_too_long() -> None:
    """In the last 2 s a pause ends it, here of 100 ms; the next one begins exactly there when speech goes on."""
    speaker = Speaker()
    speaker.says("#" * 425 + "." * 7 + "#" * 100 + "." * 20)
    first, second = utterances(speaker.segments)
    assert first == (0, 8600, frames(0, 430))
    assert second[0] == 8600
    assert only(Ended, speaker.segments)[0] == Ended(0, 8500)


def test_a_cut_within_a_confirmed_pause_confirms_it() -> None:
    """If a possible end was announced and only silence came, the cut is that end."""
    speaker = Speaker()
    speaker.says("#" * 395 + "." * 8 + "#" * 50)
    assert marks(speaker.segments)[1:3] == [MaybeEnded(1, 7900), Ended(1, 7900)]


def test_a_cut_before_a_real_end_opens_nothing() -> None:
    """When the pause it was cut in turns out to be the end, there is no utterance of silence behind it."""
    speaker = Speaker()
    speaker.says("#" * 460 + "." * 100)
    assert len(utterances(speaker.segments)) == 1


def test_without_a_pause_it_is_cut_at_its_quietest_frame() -> None:
    """Never longer than 10 s; what is behind the cut opens the next one at once."""
    speaker = Speaker()
    speaker.says("#" * 490)
    speaker.says("#", level=-40)
    speaker.says("#" * 100 + "." * 20)
    first, second = utterances(speaker.segments)
    assert first == (0, 9820, frames(0, 491))
    assert second[0] == 9820
    assert second[2][: 20 * 640] == frames(491, 511)
    assert marks(speaker.segments)[1:3] == [Ended(0, 9820), Started(9820)]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 40)), max_size=12), st.sampled_from([20, 70, 100, 500]))
def test_nothing_is_lost_or_said_twice(speech: list[tuple[int, int]], chunk_ms: int) -> None:
    """Utterances are in order and 10 s at most, each one's sound is whole, and all speech is in one of them."""
    speaker = Speaker(chunk_ms=chunk_ms)
    script = "".join("#" * talk + "." * pause for talk, pause in speech)
    speaker.says(script)
    speaker.segments += speaker.segmenter.close()
    heard: set[int] = set()
    until = 0
    for start, end, pcm in utterances(speaker.segments):
        assert start >= until, "utterances overlap"
        assert end - start <= 10_000
        assert pcm == frames(start // 20, end // 20)
        heard |= set(range(start // 20, end // 20))
        until = end
    runs = [index for index in range(len(script) - 2) if script[index : index + 3] == "###"]
    assert all(index in heard for index in runs), "speech was lost"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.02, 0.3))
def test_marks_keep_their_order(seed: int, restless: float) -> None:
    """Revisions count up from 1; each is voided or confirmed, never both; nothing but silence is behind an end's."""
    rng = random.Random(seed)
    speaker, speaks = Speaker(), False
    for _ in range(800):
        speaks = speaks != (rng.random() < restless)
        speaker.says("#" if speaks else ".")
        if rng.random() < 0.01:
            speaker.waits(rng.uniform(0, 0.5))
    speaker.segments += speaker.segmenter.close()
    revision, pending = 0, 0
    for mark in marks(speaker.segments):
        match mark:
            case Started():
                revision = pending = 0
            case MaybeEnded():
                assert (mark.revision, pending) == (revision + 1, 0)
                revision = pending = mark.revision
            case Resumed():
                assert mark.revision == pending
                pending = 0
            case Ended():
                assert mark.confirms == pending


def test_what_is_discarded_ends_as_if_it_had_never_been() -> None:
    """The rest of it is not given, and what follows begins anew; without an utterance nothing happens."""
    speaker = Speaker()
    assert speaker.segmenter.discard(2_000) == []
    speaker.says("." * 20 + "#" * 20)
    assert speaker.segmenter.discard(2_000) == [Ended(0, 0, void=True)]
    assert not speaker.segmenter.is_open
    assert marks(speaker.says("." * 20 + "#" * 20)) == [Started(900)]


def test_what_has_gone_on_for_longer_is_not_discarded() -> None:
    """It began with something else."""
    speaker = Speaker()
    speaker.says("." * 20 + "#" * 120)
    assert speaker.segmenter.discard(2_000) == []
    assert speaker.segmenter.is_open
