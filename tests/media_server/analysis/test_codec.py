"""Both decoders keep one contract; which of them is taken."""

from collections.abc import Callable

import numpy as np
import pytest

from media_server.analysis import codec
from media_server.analysis.codec import Codec, new_codec
from media_server.analysis.ffmpeg import FfmpegCodec
from media_server.analysis.libopus import LibopusCodec
from tests.support.opus import encode
from tests.support.recordings import Recording, Samples

CODECS = pytest.mark.parametrize("new", [LibopusCodec, FfmpegCodec])


def sound(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, np.int16)


def test_the_systems_own_is_taken() -> None:
    """Where there is a libopus, it decodes."""
    assert isinstance(new_codec(), LibopusCodec)


def test_without_one_ffmpeg_decodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without libopus, the one in PyAV does."""
    monkeypatch.setattr(codec, "library", lambda: None)
    assert isinstance(new_codec(), FfmpegCodec)


@CODECS
def test_a_packet_gives_its_sound_at_once(new: Callable[[], Codec], recording: Recording) -> None:
    """20 ms in, 20 ms out, from the first one on."""
    decoder = new()
    assert {len(decoder.decode(payload)) for payload in encode(recording.samples)[:50]} == {640}


@CODECS
@pytest.mark.parametrize("payload", [b"\xff" * 50, b"\x03\xff\xff"], ids=["overlong", "truncated"])
def test_a_corrupt_packet_gives_nothing(new: Callable[[], Codec], payload: bytes) -> None:
    """It is said by giving no sound."""
    assert new().decode(payload) == b""


@CODECS
def test_a_packet_of_one_byte_is_no_error(new: Callable[[], Codec], recording: Recording) -> None:
    """The packet by which a sender falls silent (DTX) gives its 20 ms."""
    decoder = new()
    payloads = encode(recording.samples)[:100]
    for payload in payloads:
        decoder.decode(payload)
    assert len(decoder.decode(payloads[-1][:1])) == 640


@CODECS
@pytest.mark.parametrize("samples", [320, 700, 1600])
def test_conceals_no_more_than_is_asked(new: Callable[[], Codec], recording: Recording, samples: int) -> None:
    """Whole steps of what it can do; it goes on as loud as it was."""
    decoder = new()
    for payload in encode(recording.samples)[:100]:
        last = decoder.decode(payload)
    made_up = sound(decoder.conceal(samples))
    assert samples - 320 < len(made_up) <= samples
    assert abs(made_up[:320]).mean() > 0.3 * abs(sound(last)).mean()


@CODECS
def test_conceals_nothing_before_the_first_packet(new: Callable[[], Codec]) -> None:
    """There is nothing to go on with."""
    assert not any(new().conceal(320))


def test_both_decode_alike(recording: Recording) -> None:
    """What either gives is the same speech, within the resampler's millisecond."""
    payloads = encode(recording.samples)
    ours, theirs = (
        sound(b"".join(map(decoder.decode, payloads))).astype(float) for decoder in (LibopusCodec(), FfmpegCodec())
    )
    assert len(ours) == len(theirs)
    assert max(np.corrcoef(ours[20:-20], theirs[20 + lag : len(theirs) - 20 + lag])[0, 1] for lag in range(20)) > 0.99
