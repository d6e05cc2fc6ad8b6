"""Decoding: sound has no holes and no overlaps in time, whatever arrives."""

import random
from collections.abc import Sequence

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_server.analysis import AnalysisError
from media_server.analysis import decoder as decoder_module
from media_server.analysis.decoder import CONCEALED, CORRUPT, RECOVERED, Decoder, Health
from media_server.analysis.ffmpeg import FfmpegCodec
from media_server.analysis.libopus import LibopusCodec
from media_server.opus import recoverable
from media_server.packet import AudioPacket
from tests.media_server.analysis.streams import packet, stream
from tests.support.opus import encode
from tests.support.recordings import Recording, Samples, silence

PACKET = 320
"""Samples of a packet at 16 kHz."""


@pytest.fixture(autouse=True, params=[LibopusCodec, FfmpegCodec])
def codec(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test be true of both codecs."""
    monkeypatch.setattr(decoder_module, "new_codec", request.param)


def decode(packets: Sequence[AudioPacket], decoder: Decoder | None = None) -> Samples:
    decoder = decoder or Decoder()
    return np.frombuffer(b"".join(decoder.decode(each).pcm for each in packets), np.int16)


def level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def test_decodes_speech_to_16_khz(recording: Recording) -> None:
    """What was encoded comes out: as long, and alike."""
    sound = decode(stream(recording.samples))
    assert -(-len(recording.samples) // PACKET) * PACKET == len(sound)
    ours, theirs = sound.astype(np.float64), recording.samples.astype(np.float64)
    alike = max(np.corrcoef(ours[lag : lag + 100_000], theirs[:100_000])[0, 1] for lag in range(300))
    assert alike > 0.8  # 32 kbit/s


def test_every_packet_gives_its_sound_at_once(recording: Recording) -> None:
    """Nothing waits inside for the next packet, the first one's sound included."""
    decoder = Decoder()
    assert {len(decoder.decode(each).pcm) for each in stream(recording.samples)[:50]} == {PACKET * 2}


@pytest.mark.parametrize("percent", [1, 3, 5, 10, 50])
def test_loss_makes_no_holes(recording: Recording, percent: int) -> None:
    """However much is lost, the rest stays where it belongs in time."""
    rng = random.Random(percent)
    packets = stream(recording.samples)
    kept = [packets[0], *(each for each in packets[1:-1] if rng.random() * 100 >= percent), packets[-1]]
    sound, whole = decode(kept), decode(packets)
    assert len(sound) == len(whole)
    if percent <= 5:
        assert np.corrcoef(sound, whole)[0, 1] > 0.8


def test_a_lost_packet_is_concealed_and_fades(recording: Recording) -> None:
    """In place of lost speech the last sound goes on for 100 ms, ever fainter; then there is silence."""
    packets = stream(recording.samples)
    before = CONCEALED._value.get()
    sound = decode([*packets[:100], *packets[120:]])
    assert CONCEALED._value.get() - before == pytest.approx(0.4)
    hole = sound[100 * PACKET : 120 * PACKET]
    levels = [level(hole[i * PACKET : (i + 1) * PACKET]) for i in range(20)]
    assert levels[0] > 0.3 * level(sound[99 * PACKET : 100 * PACKET])
    assert levels[0] > levels[2] > levels[4]
    assert max(levels[6:]) == 0
    assert level(sound[121 * PACKET : 140 * PACKET]) > 100


def test_a_lost_packet_is_recovered_from_the_next(recording: Recording) -> None:
    """What a copy was sent of is not made up; of several in a row, that is true of the last."""
    packets = [packet(n, payload) for n, payload in enumerate(encode(recording.samples, fec_percent=10))]
    at = next(n for n in range(100, len(packets)) if recoverable(packets[n].payload))
    before = (CONCEALED._value.get(), RECOVERED._value.get())
    sound = decode([*packets[: at - 3], *packets[at:]])
    assert CONCEALED._value.get() - before[0] == pytest.approx(0.04)
    assert RECOVERED._value.get() - before[1] == pytest.approx(0.02)
    assert len(sound) == len(packets) * PACKET


def test_a_packet_without_sound_is_not_corrupt(recording: Recording) -> None:
    """A sender with DTX falls silent with packets of one byte, now and then in between what it sends."""
    packets = stream(recording.samples)[:100]
    before = CORRUPT._value.get()
    packets[50:] = [each._replace(payload=each.payload[:1]) for each in packets[50:]]
    assert len(decode(packets)) == 100 * PACKET
    assert CORRUPT._value.get() == before


def test_time_without_packets_is_silence(recording: Recording) -> None:
    """With DTX the numbers go on and the time jumps: that is silence, not loss."""
    packets = stream(recording.samples)[:60]
    before = CONCEALED._value.get()
    paused = [each._replace(timestamp=each.timestamp + 20 * 960 * (i >= 40)) for i, each in enumerate(packets)]
    sound = decode(paused)
    assert len(sound) == 80 * PACKET
    assert level(sound[40 * PACKET + 40 : 60 * PACKET]) == 0
    assert CONCEALED._value.get() == before


def test_says_when_time_jumps(recording: Recording) -> None:
    """Beyond a second, or backwards, nothing is filled: what follows stands for itself."""
    packets = stream(recording.samples)
    decoder = Decoder()
    steps = [packets[0], packets[1], packets[150], packets[20], packets[21]]
    decoded = [decoder.decode(each) for each in steps]
    assert [each.skipped for each in decoded] == [True, False, True, True, False]
    assert {len(each.pcm) for each in decoded} == {PACKET * 2}


def test_a_restart_fills_nothing(recording: Recording) -> None:
    """After a restart the next packet is a first one, although it would follow on."""
    packets = stream(recording.samples)
    decoder = Decoder()
    decoder.decode(packets[0])
    decoder.restart()
    again = decoder.decode(packets[5])
    assert (again.skipped, len(again.pcm)) == (True, PACKET * 2)


def test_timestamps_and_numbers_wrap(recording: Recording) -> None:
    """Nothing is lost or added where the counters begin again."""
    packets = [
        each._replace(sequence_number=65530 + i & 0xFFFF, timestamp=2**32 - 4800 + i * 960 & 0xFFFFFFFF)
        for i, each in enumerate(stream(recording.samples)[:20])
    ]
    assert len(decode(packets)) == 20 * PACKET


@pytest.mark.parametrize("payload", [b"", b"\xff" * 50, b"\x03\xff\xff"], ids=["empty", "overlong", "truncated"])
def test_a_corrupt_packet_is_concealed_and_counted(recording: Recording, payload: bytes) -> None:
    """It costs its own 20 ms, and those are made up for by the next good one."""
    packets = stream(recording.samples)
    before = CORRUPT._value.get()
    packets[100] = packets[100]._replace(payload=payload)
    sound = decode(packets)
    assert CORRUPT._value.get() - before == 1
    assert len(sound) == len(packets) * PACKET
    assert level(sound[100 * PACKET + 40 : 101 * PACKET]) > 0


def test_gives_up_when_most_packets_are_corrupt() -> None:
    """After 2 s of it the error says how many."""
    corrupt = [packet(number, b"\xff" * 50) for number in range(200)]
    with pytest.raises(AnalysisError, match="101 of 101 packets of the last 2 s are corrupt"):
        decode(corrupt)


def test_fewer_corrupt_packets_are_endured(recording: Recording) -> None:
    """At 40 % it goes on, and time stays right."""
    packets = stream(recording.samples)[:201]
    sound = decode([each._replace(payload=b"") if i % 5 in (1, 2) else each for i, each in enumerate(packets)])
    assert len(sound) == 201 * PACKET


def test_health_weighs_the_last_two_seconds() -> None:
    """Good packets of long ago do not outweigh the bad ones of now."""
    health = Health()
    for n in range(500):
        health.note(n * 0.02, good=True)
    for n in range(500, 550):
        health.note(n * 0.02, good=False)
    with pytest.raises(AnalysisError, match="51 of 101"):
        health.note(11.0, good=False)


def test_stereo_is_mixed_to_one(recording: Recording) -> None:
    """A browser that sends stereo is heard like any other."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 16_000, "stereo", "s16"
    payloads = []
    for start in range(0, 50 * PACKET, PACKET):
        both = np.repeat(recording.samples[8000 + start : 8000 + start + PACKET], 2)
        frame = av.AudioFrame.from_ndarray(both[None], format="s16", layout="stereo")
        frame.sample_rate = 16_000
        payloads += [bytes(each) for each in encoder.encode(frame)]
    sound = decode([packet(n, payload) for n, payload in enumerate(payloads)])
    assert len(sound) == len(payloads) * PACKET
    assert level(sound) > 100


GOOD = encode(silence(0.2))[5]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.binary(max_size=60) | st.just(GOOD), st.integers(0, 5), st.sampled_from([0, 7, 480, 48_000, 2**31])
        ),
        max_size=40,
    )
)
def test_no_packet_breaks_it(stranger: list[tuple[bytes, int, int]]) -> None:
    """Whatever the bytes, numbers and times: whole samples come out, never more than a second's filling, no error."""
    decoder, number, timestamp = Decoder(), 0, 0
    for payload, lost, step in stranger:
        number, timestamp = number + 1 + lost, timestamp + 960 + step
        each = AudioPacket(number & 0xFFFF, timestamp & 0xFFFFFFFF, payload, None, None, 1.0)
        pcm = decoder.decode(each).pcm
        assert len(pcm) % 2 == 0
        assert len(pcm) <= 2 * 16_000 * 1.13
