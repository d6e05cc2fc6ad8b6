"""Sound that comes in messages rather than packets, and what it makes of the analysis."""

import numpy as np
import pytest

from media_server.analysis.analyser import Analyser, Analysis
from media_server.analysis.burst import LONGEST_S, Burst
from media_server.analysis.segments import Ended, Segment, Started
from tests.media_server.analysis.streams import FIRST_ARRIVAL, between_silence, only, stream, utterances
from tests.media_server.analysis.test_analyser import analyse, analyser
from tests.support.recordings import Recording, Samples, silence


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return Analysis.load()


def test_a_message_is_what_comes_at_once() -> None:
    """A second, or ten times a tenth of it; what comes later is another one."""
    burst = Burst()
    burst.add(1.0, 100.0)
    assert burst.length_s == 1.0
    burst.add(0.1, 101.0)
    assert burst.length_s == 0.1
    for place in range(4):
        burst.add(0.1, 101.0 + place * 0.01)
    assert burst.length_s == pytest.approx(0.5)


def test_more_than_a_second_is_not_waited_for() -> None:
    """A file may come at once; and nothing at all of a stream that begins."""
    burst = Burst()
    for _ in range(60):
        burst.add(1.0, 100.0)
    assert burst.length_s == LONGEST_S
    burst.reset()
    assert burst.length_s == 0


def pcm_of(samples: Samples) -> bytes:
    return samples.astype(np.int16).tobytes()


def pushed(analyser: Analyser, samples: Samples, ms: int) -> list[Segment]:
    """Push sound in messages of so many ms as they come in real time, with the room's tick every 20 ms."""
    segments, step, pcm = [], 32 * ms, pcm_of(samples)
    for start in range(0, len(pcm), step):
        arrived = FIRST_ARRIVAL + (start + step) / 32_000
        segments += analyser.push_sound(pcm[start : start + step], arrived)
        segments += [each for tick in range(0, ms, 20) for each in analyser.tick(arrived + tick / 1_000)]
    return segments


@pytest.mark.parametrize("ms", [10, 100, 1_000])
def test_sound_without_packets_makes_the_utterance_that_packets_make(
    analysis: Analysis, recording: Recording, ms: int
) -> None:
    """However much comes at once; a second between two messages is no pause."""
    sound = between_silence(recording.samples)
    ((start, end, _),) = utterances(analyse(analyser(analysis), stream(sound)))
    ((direct_start, direct_end, _),) = utterances(pushed(analyser(analysis), sound, ms))
    assert direct_start == pytest.approx(start, abs=120)
    assert direct_end == pytest.approx(end, abs=120)


def test_sound_that_stops_coming_ends_the_utterance(analysis: Analysis, recording: Recording) -> None:
    """Missing sound is silence: with messages of 100 ms, some 400 ms after the next one was due."""
    one = analyser(analysis)
    pushed(one, recording.samples[: 16_000 * 2], 100)
    now, ended = FIRST_ARRIVAL + 2.0, None
    for tick in range(0, 2_000, 20):
        if only(Ended, one.tick(now + tick / 1_000)) and ended is None:
            ended = tick
    assert ended is not None
    assert 350 <= ended <= 800


def test_sound_that_comes_after_nothing_was_sent_is_of_that_time(analysis: Analysis, recording: Recording) -> None:
    """Who sends nothing for ten seconds and then speaks began to speak then, not ten seconds ago."""
    one = analyser(analysis)
    pushed(one, silence(1.0), 100)
    pcm, segments = pcm_of(recording.samples[:32_000]), []
    for start in range(0, len(pcm), 3_200):
        segments += one.push_sound(pcm[start : start + 3_200], FIRST_ARRIVAL + 11.0 + (start + 3_200) / 32_000)
    (started,) = only(Started, segments)
    assert 10_900 <= started.at_ms <= 12_000
