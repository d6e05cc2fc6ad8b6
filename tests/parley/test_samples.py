"""What engines are tried with."""

import wave
from pathlib import Path

import numpy as np
import pytest

from parley.samples import SAMPLE_RATE, read_wav, resampled, sentence, spoken


def written(path: Path, samples: np.ndarray, *, rate: int, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def tone(rate: int, hertz: float = 440, seconds: float = 0.5) -> np.ndarray:
    return (np.sin(np.arange(round(rate * seconds)) * 2 * np.pi * hertz / rate) * 8000).astype(np.int16)


def loudest(pcm: bytes) -> float:
    """Give the frequency that is loudest in 16 kHz sound."""
    samples = np.frombuffer(pcm, np.int16)
    return float(np.abs(np.fft.rfft(samples)).argmax() * SAMPLE_RATE / len(samples))


def test_there_is_a_sentence_for_every_language() -> None:
    """A dialect has its language's; what has none has the English one."""
    assert sentence("pt-BR") == sentence("pt") != sentence("en")
    assert sentence("xx") == sentence("en")


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000])
def test_sound_of_any_rate_becomes_16_khz(rate: int) -> None:
    """It lasts as long, and sounds as high."""
    pcm = resampled(tone(rate).tobytes(), rate)
    assert len(pcm) == SAMPLE_RATE
    assert loudest(pcm) == pytest.approx(440, abs=3)
    assert resampled(b"", rate) == b""


def test_a_recording_is_read_and_mixed(tmp_path: Path) -> None:
    """In stereo too."""
    stereo = np.repeat(tone(48_000), 2)
    pcm = read_wav(written(tmp_path / "a.wav", stereo, rate=48_000, channels=2))
    assert len(pcm) == SAMPLE_RATE
    assert loudest(pcm) == pytest.approx(440, abs=3)


def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    """Something else, or of 8 bits."""
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(ValueError, match="is no WAV file"):
        read_wav(tmp_path / "text.wav")
    eight = written(tmp_path / "eight.wav", tone(16_000).astype(np.uint8), rate=16_000, width=1)
    with pytest.raises(ValueError, match="8 bits"):
        read_wav(eight)


async def test_a_sample_can_be_made_here() -> None:
    """By espeak-ng: some seconds of sound, with silence behind."""
    pcm = await spoken(sentence("es"), "es")
    samples = np.frombuffer(pcm, np.int16)
    assert 1 < len(samples) / SAMPLE_RATE < 5
    assert np.abs(samples[:SAMPLE_RATE]).max() > 1_000
    assert not samples[-SAMPLE_RATE // 4 :].any()
