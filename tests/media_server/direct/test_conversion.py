"""Any rate and layout to 16 kHz mono."""

import numpy as np
import pytest
from av.audio.frame import AudioFrame

from media_server.direct.conversion import Conversion
from tests.support.recordings import Samples


def tone(rate: int, seconds: float = 0.5) -> Samples:
    return (np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * 440 / rate) * 8_000).astype(np.int16)


def converted(conversion: Conversion, samples: Samples, rate: int, layout: str, step: int) -> Samples:
    pcm = b""
    for start in range(0, len(samples), step):
        frame = AudioFrame.from_ndarray(samples[None, start : start + step].copy(), format="s16", layout=layout)
        frame.sample_rate = rate
        pcm += conversion.convert(frame)
    return np.frombuffer(pcm, np.int16)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_a_tone_stays_a_tone(rate: int, layout: str) -> None:
    """Of the same length but for a few ms, pitch and loudness, in pieces of 10 ms."""
    samples = tone(rate)
    if layout == "stereo":
        samples = np.repeat(samples, 2)
    heard = converted(Conversion(), samples, rate, layout, rate // 100 * (2 if layout == "stereo" else 1))
    assert abs(len(heard) - 8_000) < 100
    spectrum = np.abs(np.fft.rfft(heard[500:7_500]))
    assert np.argmax(spectrum) * 16_000 / 7_000 == pytest.approx(440, abs=5)
    assert np.abs(heard[500:7_500]).max() == pytest.approx(8_000, rel=0.1)


def test_a_frame_unlike_the_first_is_refused() -> None:
    """A stream is of one kind."""
    conversion = Conversion()
    converted(conversion, tone(48_000), 48_000, "mono", 480)
    with pytest.raises((ValueError, OSError)):
        converted(conversion, tone(8_000), 8_000, "mono", 80)
