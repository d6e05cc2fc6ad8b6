"""A microphone that hears its own loudspeaker, as the whole analysis takes it."""

import numpy as np
import pytest

from media_server.analysis.alike import LONGEST_LAG
from media_server.analysis.analyser import Analyser, Analysis
from media_server.analysis.echo import MEMORY
from media_server.analysis.echo_watch import BEHIND, OWN, EchoWatch
from media_server.analysis.segments import Ended, Segment, Started
from media_server.analysis.spectrum import BANDS, QUIETEST, bands_of
from media_server.analysis.trace import frame_at
from tests.media_server.analysis.streams import FIRST_ARRIVAL, between_silence, only, stream, utterances, with_noise
from tests.support.recordings import Recording, Samples, silence


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return Analysis.load()


def quieter(samples: Samples, db: float, delay_s: float) -> Samples:
    """Give what comes back of a sound that was played."""
    late = np.concatenate([silence(delay_s), samples])[: len(samples)]
    return np.asarray(late * 10 ** (db / 20), np.int16)


def analyse(analysis: Analysis, heard: Samples, played: Samples | None = None) -> list[Segment]:
    """Let an analyser hear a microphone; `played` was sent to its speaker from the first packet's time on."""
    made = Analyser(analysis.settings, analysis.model, lambda seconds: round((seconds - FIRST_ARRIVAL + 0.02) * 1000))
    if played is not None:
        began = frame_at(FIRST_ARRIVAL)
        sent = np.array([bands_of(played[at : at + 320].tobytes()) for at in range(0, len(played) - 319, 320)])

        def between(first: int, last: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
            rows = np.arange(first, last + 1) - began
            known = (rows >= 0) & (rows < len(sent))
            return np.where(known[:, None], sent[np.clip(rows, 0, len(sent) - 1)], QUIETEST)

        made.echo.played = between
    return [segment for packet in stream(heard) for segment in made.push(packet)]


def test_an_echo_is_no_utterance(analysis: Analysis, recordings: tuple[Recording, ...]) -> None:
    """Its first words may begin one, which is discarded as soon as it is known for an echo; then there is none."""
    played = between_silence(np.concatenate([each.samples for each in recordings[:3]]))
    heard = with_noise(quieter(played, -12, 0.15), 30)
    ended = only(Ended, analyse(analysis, heard, played))
    assert len(ended) <= 1
    assert all(each.void for each in ended)
    assert len(utterances(analyse(analysis, heard))) >= 3, "it is heard otherwise"


def test_what_an_echo_begins_that_comes_later_than_before_is_discarded(
    analysis: Analysis, recordings: tuple[Recording, ...]
) -> None:
    """As when a jitter buffer grows in the middle of a sentence: all but a word that was over before that is known."""
    known = np.concatenate([each.samples for each in recordings[:3]])
    played = between_silence(np.concatenate([known, recordings[0].samples]))
    at = len(known) + 3 * 16_000
    early, late = (quieter(played, -12, delay_s) for delay_s in (0.15, 0.45))
    heard = with_noise(np.concatenate([early[:at], late[at:]]), 30)
    ended = only(Ended, analyse(analysis, heard, played))
    assert ended[-1].void
    assert sum(each.speech_end_ms for each in ended if not each.void) < 500


def test_an_echo_that_never_comes_as_late_as_before_is_no_utterance(
    analysis: Analysis, recordings: tuple[Recording, ...]
) -> None:
    """As from Chromium short of processor time: 0.2 s, then 1.04 s, then 0.5 s, one for each sentence."""
    pause = silence(2.0)
    parts = [np.concatenate([each.samples, pause]) for each in recordings[:4]]
    played = between_silence(np.concatenate(parts))
    back = [quieter(part, -12, delay_s) for part, delay_s in zip(parts, (0.2, 1.04, 0.5, 0.78), strict=True)]
    heard = with_noise(between_silence(np.concatenate(back)), 30)
    assert all(each.void for each in only(Ended, analyse(analysis, heard, played)))
    assert len(utterances(analyse(analysis, heard))) >= 4, "it is heard otherwise"


def test_what_a_speaker_who_left_said_last_is_still_an_echo() -> None:
    """Nothing is known of their voice any more while it is on its way back; after that nothing is compared."""
    watch = EchoWatch()
    asked: list[int] = []
    sounding = np.zeros((1, BANDS))

    def played(first: int, last: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None":
        asked.append(first)
        return None if last > 2_000 - BEHIND else np.repeat(sounding, last - first + 1, axis=0)

    watch.played = played
    for frame in range(2_000, 2_000 + LONGEST_LAG + 3):
        watch.judge(frame, bytes(640))
    assert asked[LONGEST_LAG : LONGEST_LAG + 3] == [2_000 + LONGEST_LAG - BEHIND, *2 * [2_001 + LONGEST_LAG - BEHIND]]


def test_what_is_said_over_an_echo_is_an_utterance(analysis: Analysis, recordings: tuple[Recording, ...]) -> None:
    """Nearly all of it, and in one piece, although the other voice goes on."""
    played = between_silence(np.concatenate([each.samples for each in recordings[:3]]))
    said, at = recordings[4].samples, 8 * 16_000
    heard = quieter(played, -12, 0.15).astype(np.int32)
    heard[at : at + len(said)] += said
    segments = analyse(analysis, np.clip(heard, -32_768, 32_767).astype(np.int16), played)
    started, ended = only(Started, segments), only(Ended, segments)
    true = [(began, end) for began, end in zip(started, ended, strict=True) if not end.void]
    assert len(true) == 1
    began, end = true[0]
    assert began.at_ms == pytest.approx(at / 16, abs=500)
    assert began.at_ms + end.speech_end_ms == pytest.approx(at / 16 + recordings[4].speech_end_s * 1000, abs=400)


def test_without_an_echo_nobody_is_discarded(analysis: Analysis, recordings: tuple[Recording, ...]) -> None:
    """Who talks while others are heard is heard as if they were not."""
    mine = between_silence(recordings[0].samples)
    theirs = np.concatenate([each.samples for each in recordings[1:3]])[: len(mine)]
    assert analyse(analysis, mine, theirs) == analyse(analysis, mine)


def test_what_was_played_is_asked_for_once() -> None:
    """From behind the frame that was asked for last, but for no more than can matter."""
    asked: list[tuple[int, int]] = []

    def played(first: int, last: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        asked.append((first, last))
        return np.full((last - first + 1, BANDS), QUIETEST)

    watch = EchoWatch()
    assert watch.judge(1_000, bytes(640)) == OWN
    watch.played = played
    for frame in (2_000, 2_001, 2_005, 2_005, 3_000):
        assert watch.judge(frame, bytes(640)) == OWN
    wanted = [(2_001 - MEMORY, 2_000), (2_001, 2_001), (2_002, 2_005), (3_001 - MEMORY, 3_000)]
    assert asked == [(first - BEHIND, last - BEHIND) for first, last in wanted]


def test_where_nothing_is_played_nothing_is_compared() -> None:
    """What comes then is asked for when something is played again."""
    watch = EchoWatch()
    asked: list[int] = []

    def nothing(first: int, last: int) -> None:
        asked.append(first)

    watch.played = nothing
    for frame in (2_000, 2_001):
        assert watch.judge(frame, bytes(640)) == OWN
    assert asked == [2_001 - MEMORY - BEHIND, 2_002 - MEMORY - BEHIND]
