"""Human speech with its transcripts: LibriVox recordings from Debian's pocketsphinx-testdata."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
SAMPLE_RATE = 16_000

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Recording:
    """One sentence, read aloud."""

    name: str
    text: str
    # 16 kHz mono.
    samples: Samples

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def speech_end_s(self) -> float:
        """Where the speech ends, its last breath included: the last 10 ms within 26 dB of the loudest."""
        return self._last_within(26)

    @property
    def words_end_s(self) -> float:
        """Where the last word ends, earlier than `speech_end_s`: the last 10 ms within 20 dB of the loudest."""
        return self._last_within(20)

    def _last_within(self, decibels: float) -> float:
        window = SAMPLE_RATE // 100
        frames = self.samples[: len(self.samples) // window * window].astype(np.float64).reshape(-1, window)
        loudness = np.sqrt((frames**2).mean(axis=1))
        return float(np.nonzero(loudness > loudness.max() * 10 ** (-decibels / 20))[0][-1] + 1) / 100


def recordings() -> tuple[Recording, ...]:
    """All five, in the order of the book.

    Raises:
        FileNotFoundError: the Debian package is missing; `make test` installs it.
    """
    if not LIBRIVOX.exists():
        raise FileNotFoundError(f"{LIBRIVOX} is missing: install pocketsphinx-testdata, as `make test` does")
    found = []
    for line in (LIBRIVOX / "transcription").read_text().splitlines():
        text, _, name = line.rpartition(" (")
        name = name.strip(") ")
        with wave.open(str(LIBRIVOX / f"{name}.wav")) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        found.append(Recording(name, text.replace("<s>", "").replace("</s>", "").strip(), samples))
    return tuple(found)


def silence(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)


def write_wav(path: Path, samples: Samples) -> Path:
    """Write 16 kHz mono PCM where Chromium's fake microphone can read it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())
    return path
