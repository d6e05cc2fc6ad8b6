"""The whole analysis, from packets to segments, on real speech."""

import random
import time
from collections.abc import Iterable
from statistics import median

import numpy as np
import pytest

from media_server.analysis import AnalysisError, silero
from media_server.analysis.analyser import Analyser, Analysis, epoch_ms
from media_server.analysis.decoder import CONCEALED, Decoded, Decoder
from media_server.analysis.segments import Ended, MaybeEnded, Segment, Sound, Started
from media_server.analysis.settings import AnalysisSettings
from media_server.packet import AudioPacket
from tests.media_server.analysis.streams import (
    FIRST_ARRIVAL,
    between_silence,
    only,
    packet,
    stream,
    utterances,
    with_noise,
)
from tests.support.recordings import Recording, Samples, silence


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return Analysis.load()


def analyser(analysis: Analysis) -> Analyser:
    """Return an analyser whose epoch begins with the first sample of `stream`."""
    return Analyser(analysis.settings, analysis.model, lambda seconds: round((seconds - FIRST_ARRIVAL + 0.02) * 1000))


def analyse(analyser: Analyser, packets: Iterable[AudioPacket]) -> list[Segment]:
    return [segment for each in packets for segment in analyser.push(each)]


def arrivals(analyser: Analyser, packets: Iterable[AudioPacket]) -> list[tuple[float, Segment]]:
    """Return segments with the ms since the first sample at which they came."""
    return [
        ((each.arrived - FIRST_ARRIVAL + 0.02) * 1000, segment) for each in packets for segment in analyser.push(each)
    ]


@pytest.mark.parametrize("noise", [None, 20], ids=["clean", "20 dB"])
def test_a_sentence_is_one_utterance(analysis: Analysis, recordings: tuple[Recording, ...], noise: int | None) -> None:
    """Continuous reading is never ended within, and the utterance holds all of its speech, noise or not."""
    for recording in recordings:
        sound = between_silence(recording.samples)
        found = utterances(analyse(analyser(analysis), stream(with_noise(sound, noise) if noise else sound)))
        assert len(found) == 1, recording.name
        start, end, _ = found[0]
        assert start <= 1100
        assert end >= 1000 + recording.speech_end_s * 1000


@pytest.mark.parametrize("noise", [None, 20], ids=["clean", "20 dB"])
def test_the_end_is_noticed_soon(analysis: Analysis, recordings: tuple[Recording, ...], noise: int | None) -> None:
    """Behind the true end of speech, the possible end comes at p50 <= 190 ms and the end at p50 <= 340 ms."""
    maybe_lags, end_lags = [], []
    for recording in recordings:
        for offset_ms in (0, 7, 13):
            sound = between_silence(recording.samples, before_s=1 + offset_ms / 1000)
            true_end = 1000 + offset_ms + recording.speech_end_s * 1000
            came = arrivals(analyser(analysis), stream(with_noise(sound, noise) if noise else sound))
            maybe_lags.append([at for at, segment in came if isinstance(segment, MaybeEnded)][-1] - true_end)
            end_lags.append([at for at, segment in came if isinstance(segment, Ended)][-1] - true_end)
    assert median(maybe_lags) <= 190
    assert median(end_lags) <= 340
    assert max(end_lags) <= 400


def test_times_are_those_of_the_sound(analysis: Analysis, recording: Recording) -> None:
    """The utterance's start, in epoch ms, plus a position in it, is when that was spoken."""
    packets = stream(between_silence(recording.samples))
    late = [each._replace(arrived=each.arrived + (i % 3) * 0.01) for i, each in enumerate(packets)]
    segments = analyse(analyser(analysis), late)
    ended = only(Ended, segments)[0]
    true_end = 1000 + recording.speech_end_s * 1000
    assert abs(only(Started, segments)[0].at_ms + ended.speech_end_ms - true_end) <= 60


def test_without_anchors_epoch_time_is_the_wall_clocks() -> None:
    """Monotonic seconds become epoch milliseconds."""
    assert abs(epoch_ms(time.monotonic()) - time.time() * 1000) < 50


@pytest.mark.parametrize("level", [None, 127], ids=["without levels", "with levels"])
def test_a_minute_of_digital_silence_yields_nothing(
    analysis: Analysis, level: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With levels it is not even decoded."""
    decoded = 0
    decode = Decoder.decode

    def counted(self: Decoder, packet: AudioPacket) -> Decoded:
        nonlocal decoded
        decoded += 1
        return decode(self, packet)

    monkeypatch.setattr(Decoder, "decode", counted)
    quiet = stream(silence(1), level=level)[10].payload
    assert analyse(analyser(analysis), (packet(n, quiet, level=level) for n in range(3000))) == []
    assert decoded == (3000 if level is None else 0)


def test_the_gate_cuts_no_onset(analysis: Analysis, recording: Recording) -> None:
    """With levels, the utterance is the same as without: what was before the gate opened is in it."""
    sound = np.concatenate([silence(3), recording.samples, silence(1)])
    packets = stream(sound)
    levels = [
        each._replace(level=127 if not sound[i * 320 : i * 320 + 320].any() else 30) for i, each in enumerate(packets)
    ]
    (with_start, with_end, with_sound), (start, end, without) = (
        utterances(analyse(analyser(analysis), each))[0] for each in (levels, packets)
    )
    assert (abs(with_start - start), abs(with_end - end)) <= (40, 40)
    assert abs(len(with_sound) - len(without)) <= 60 * 32


def test_what_the_gate_left_out_is_not_loss(analysis: Analysis, recording: Recording) -> None:
    """Packets that were not decoded for their silence are not concealed when the gate opens again."""
    before = CONCEALED._value.get()
    packets = stream(recording.samples)
    closed = range(150, 235)
    analyse(analyser(analysis), [each._replace(level=90 if i in closed else 30) for i, each in enumerate(packets)])
    assert CONCEALED._value.get() == before


@pytest.mark.parametrize("percent", [0, 1, 3, 5, 10])
def test_loss_leaves_the_utterance_whole(analysis: Analysis, recording: Recording, percent: int) -> None:
    """Lost and overtaken packets make neither holes nor a second utterance, and its length stays."""
    rng = random.Random(percent)
    packets = [each for each in stream(between_silence(recording.samples)) if rng.random() * 100 >= percent]
    for index in range(0, len(packets) - 1, 17):
        first, second = packets[index : index + 2]
        packets[index : index + 2] = [second._replace(arrived=first.arrived), first._replace(arrived=second.arrived)]
    found = utterances(analyse(analyser(analysis), packets))
    assert len(found) == 1
    assert abs(found[0][1] - 1000 - recording.speech_end_s * 1000 - 300) <= 120


def test_a_dtx_gap_within_an_utterance_is_silence(analysis: Analysis, recording: Recording) -> None:
    """Where no packets came, the utterance's sound has silence of the same length."""
    pause, at = 8, 200
    packets = stream(between_silence(recording.samples))
    paused = packets[:at] + [
        each._replace(timestamp=each.timestamp + pause * 960, arrived=each.arrived + pause * 0.02)
        for each in packets[at:]
    ]
    (whole,), (longer,) = (utterances(analyse(analyser(analysis), each)) for each in (packets, paused))
    start, end, pcm = longer
    assert end - start == pytest.approx(whole[1] - whole[0] + pause * 20, abs=40)
    hole = pcm[(at * 20 - start + 5) * 32 : ((at + pause) * 20 - start - 5) * 32]
    assert len(hole) == 150 * 32
    assert not any(hole)


def live(analyser: Analyser, packets: Iterable[AudioPacket], until: float = 0.0) -> list[tuple[float, Segment]]:
    """Return segments with the second at which they came; until the last packet, or longer, it ticks every 20 ms."""
    came: list[tuple[float, Segment]] = []
    now = FIRST_ARRIVAL
    for each in packets:
        while now < each.arrived:
            came += [(now, segment) for segment in analyser.tick(now)]
            now += 0.02
        came += [(each.arrived, segment) for segment in analyser.push(each)]
    while now < until:
        came += [(now, segment) for segment in analyser.tick(now)]
        now += 0.02
    return came


@pytest.mark.parametrize(("pause", "told"), [(0, True), (3, True), (10, True), (10, False)])
def test_dtx_ends_the_utterance_as_soon_as_packets(
    analysis: Analysis, recording: Recording, pause: int, told: bool
) -> None:
    """A sender that falls silent is heard to end 20 ms later at most; comfort packets every 400 ms begin nothing."""
    packets = stream(between_silence(recording.samples, after_s=2))
    rest = int(50 + recording.speech_end_s * 50) + pause
    sent = [
        each._replace(payload=each.payload if i % 20 == 0 < i else each.payload[:1])
        for i, each in enumerate(packets[rest:])
        if (i % 20 < 2 if i >= 20 else i == 0 and told)
    ]
    sparse = [each._replace(sequence_number=rest + i) for i, each in enumerate(sent)]
    (without, dtx) = (
        [(at, segment) for at, segment in live(analyser(analysis), each) if isinstance(segment, MaybeEnded | Ended)]
        for each in (packets, [*packets[:rest], *sparse])
    )
    assert [type(segment) for _, segment in dtx] == [type(segment) for _, segment in without]
    assert max(late - early for (late, _), (early, _) in zip(dtx, without, strict=True)) <= 0.021


def delayed(packets: Iterable[AudioPacket], *steps: tuple[float, int], jitter_ms: int = 0) -> list[AudioPacket]:
    """Let packets take longer by so many ms from that second of the stream on; none overtakes another."""
    rng = random.Random(1)
    late: list[AudioPacket] = []
    for i, each in enumerate(packets):
        delay_ms = next((ms for second, ms in reversed(steps) if i * 0.02 >= second), 0) + rng.uniform(0, jitter_ms)
        arrived = each.arrived + delay_ms / 1000
        late.append(each._replace(arrived=max(late[-1].arrived, arrived) if late else arrived))
    return late


@pytest.fixture(scope="module")
def reading(recordings: tuple[Recording, ...]) -> list[AudioPacket]:
    """Two recordings, each of them one utterance."""
    return stream(np.concatenate([between_silence(each.samples) for each in recordings[:2]]))


@pytest.fixture(scope="module")
def on_time(analysis: Analysis, reading: list[AudioPacket]) -> list[Segment]:
    """Analyse packets of which none is late."""
    segments = [segment for _, segment in live(analyser(analysis), reading)]
    assert len(utterances(segments)) == 2
    return segments


@pytest.mark.parametrize(
    "steps",
    [
        *([(3.0, rise_ms)] for rise_ms in (50, 100, 150, 200, 300)),
        *([(3.0, rise_ms), (6.0, 0)] for rise_ms in (100, 200, 300)),
        [(3.0, 150), (5.0, 300), (7.0, 450)],
        [(0.0, 400), (3.0, 0)],
    ],
    ids=str,
)
def test_a_change_in_delay_changes_nothing(
    analysis: Analysis, reading: list[AudioPacket], on_time: list[Segment], steps: list[tuple[float, int]]
) -> None:
    """Rising by up to 300 ms at a time, or falling, it breaks no utterance up and costs no sound."""
    late = [segment for _, segment in live(analyser(analysis), delayed(reading, *steps))]
    assert [pcm for *_, pcm in utterances(late)] == [pcm for *_, pcm in utterances(on_time)]
    assert len(only(MaybeEnded, late)) <= len(only(MaybeEnded, on_time)) + len(steps)


def test_jitter_behind_a_rise_in_delay_breaks_nothing_up(
    analysis: Analysis, reading: list[AudioPacket], on_time: list[Segment]
) -> None:
    """A longer way on which packets jitter by 60 ms is as good as a short one."""
    late = [segment for _, segment in live(analyser(analysis), delayed(reading, (3.0, 220), jitter_ms=60))]
    assert [pcm for *_, pcm in utterances(late)] == [pcm for *_, pcm in utterances(on_time)]


def test_a_gap_as_long_as_an_end_ends_one_utterance_only(
    analysis: Analysis, reading: list[AudioPacket], on_time: list[Segment]
) -> None:
    """When the delay rises by 400 ms in mid-word, that gap is an end; behind it all is as before."""
    late = utterances([segment for _, segment in live(analyser(analysis), delayed(reading, (3.0, 400)))])
    assert len(late) == 3
    assert b"".join(pcm for *_, pcm in late) == b"".join(pcm for *_, pcm in utterances(on_time))


@pytest.mark.parametrize("way", ["gone", "muted", "only padding"])
@pytest.mark.parametrize("rise_ms", [0, 300, 1000])
def test_after_a_rise_in_delay_a_sender_that_stops_is_noticed_as_soon(
    analysis: Analysis, reading: list[AudioPacket], rise_ms: int, way: str
) -> None:
    """In mid-word, the end comes 400 ms behind the last sound that came: 100 ms of patience, 300 ms of silence."""
    packets = delayed(reading, (2.0, rise_ms))
    heard, rest = packets[:200], packets[200:230]
    listener = analyser(analysis)
    segments = live(listener, heard)
    if way == "gone":
        rest_came = live(listener, [], until=rest[-1].arrived)
    elif way == "muted":
        listener.mute(True)
        rest_came = live(listener, rest)
    else:
        rest_came = live(listener, [each._replace(payload=b"", timestamp=rest[0].timestamp) for each in rest])
    assert only(Ended, [segment for _, segment in segments[-5:]]) == []
    assert [type(segment) for _, segment in rest_came if not isinstance(segment, Sound)] == [MaybeEnded, Ended]
    assert rest_came[-1][0] - heard[-1].arrived == pytest.approx(0.41, abs=0.021)


def monologue(recordings: tuple[Recording, ...], seconds: float) -> Samples:
    """Return the recordings again and again, joined where their speech begins and ends."""
    speech = np.concatenate([each.samples[4800 : int(each.speech_end_s * 16_000)] for each in recordings])
    return np.tile(speech, int(seconds * 16_000 / len(speech)) + 1)[: int(seconds * 16_000)]


def test_a_monologue_loses_nothing(analysis: Analysis, recordings: tuple[Recording, ...]) -> None:
    """A minute without a pause: the utterances join without hole or overlap, each 10 s at most, and are the sound."""
    packets = stream(np.concatenate([monologue(recordings, 60), silence(1)]))
    decoder = Decoder()
    whole = b"".join(decoder.decode(each).pcm for each in packets)
    found = utterances(analyse(analyser(analysis), packets))
    assert len(found) >= 6
    assert all(end - start <= 10_000 for start, end, _ in found)
    assert [start for start, _, _ in found[1:]] == [end for _, end, _ in found[:-1]]
    joined = b"".join(pcm for _, _, pcm in found)
    begin = whole.index(found[0][2][:6400])
    assert whole[begin : begin + len(joined)] == joined
    assert begin // 32 == found[0][0]
    assert begin + len(joined) >= 60_000 * 32


def test_it_may_begin_in_mid_speech(analysis: Analysis, recording: Recording) -> None:
    """Whoever comes to need the words gets them from then on."""
    packets = stream(between_silence(recording.samples))[150:]
    found = utterances(analyse(analyser(analysis), packets))
    assert len(found) == 1
    assert found[0][0] <= 150 * 20 + 100


def test_a_muted_microphone_is_silent(analysis: Analysis, recording: Recording) -> None:
    """The utterance ends, what comes while muted is not heard, and unmuted it is heard again."""
    listener, packets = analyser(analysis), stream(between_silence(np.tile(recording.samples, 2)))
    segments = analyse(listener, packets[:150])
    listener.mute(True)
    segments += analyse(listener, packets[150:400])
    assert len(only(Ended, segments)) == 1
    listener.mute(False)
    segments += analyse(listener, packets[400:])
    first, second = utterances(segments)
    assert first[1] <= 150 * 20 + 40
    assert second[0] >= 400 * 20 - 40


def test_closing_ends_what_is_open(analysis: Analysis, recording: Recording) -> None:
    """A closed tab ends the utterance at its last packet; closing again yields nothing."""
    listener = analyser(analysis)
    segments = analyse(listener, stream(between_silence(recording.samples))[:200])
    segments += listener.close()
    assert utterances(segments)[0][1] == pytest.approx(200 * 20, abs=40)
    assert listener.close() == []


def test_after_closing_it_can_be_used_again(analysis: Analysis, recordings: tuple[Recording, ...]) -> None:
    """Another stream is analysed as if by a new one, wherever its numbers begin."""
    listener = analyser(analysis)
    analyse(listener, stream(between_silence(recordings[0].samples))[:200])
    listener.close()
    again = utterances(analyse(listener, stream(between_silence(recordings[1].samples), first=40_000)))
    fresh = utterances(analyse(analyser(analysis), stream(between_silence(recordings[1].samples), first=40_000)))
    assert [each[:2] for each in again] == [each[:2] for each in fresh]


def test_a_source_that_begins_anew_is_followed(analysis: Analysis, recordings: tuple[Recording, ...]) -> None:
    """When numbers and times jump, the open utterance ends and the new sound is analysed."""
    before = stream(between_silence(recordings[0].samples))[:200]
    after = [
        each._replace(arrived=before[-1].arrived + 0.02 * (i + 1))
        for i, each in enumerate(stream(between_silence(recordings[1].samples), first=30_000))
    ]
    segments = analyse(analyser(analysis), [*before, *after])
    assert len(utterances(segments)) == 2


def test_it_gives_up_on_a_stream_of_garbage(analysis: Analysis) -> None:
    """Packets that nobody can decode, for 2 s, are an error; closing works all the same."""
    listener = analyser(analysis)
    garbage = [packet(n, b"\xff" * 60) for n in range(200)]
    with pytest.raises(AnalysisError, match="corrupt"):
        analyse(listener, garbage)
    assert listener.close() == []


def test_without_a_model_sentences_are_found(recording: Recording) -> None:
    """WebRTC VAD alone still makes one utterance of a sentence."""
    without = Analysis(AnalysisSettings(), None)
    found = utterances(analyse(analyser(without), stream(between_silence(recording.samples))))
    assert len(found) == 1


def test_analysers_share_one_model(analysis: Analysis) -> None:
    """The model is loaded once, whatever the number of speakers."""
    assert analysis()._detector._model is analysis()._detector._model is analysis.model
    assert analysis.model is not None
    assert analysis.model.path == silero.model_files()[0]


def test_it_is_cheap(analysis: Analysis, recording: Recording) -> None:
    """A second of speech costs some 5 ms; the bound leaves room for a busy machine."""
    packets = stream(recording.samples)
    costs = []
    for _ in range(3):
        listener, started = analyser(analysis), time.thread_time()
        analyse(listener, packets)
        costs.append((time.thread_time() - started) * 1000 / recording.duration_s)
    print(f"analysis: {min(costs):.1f} ms of CPU per second of speech")  # noqa: T201
    assert min(costs) < 20
