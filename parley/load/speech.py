"""What is said: recordings with their texts, or sound of our own."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from parley.load.babble import babble
from parley.samples import SAMPLE_RATE, read_wav, sentence, spoken

if TYPE_CHECKING:
    from parley.client.opus import Encoded

LONGEST_S = 30.0
"""Of one recording; the rest of a longer one is not said."""
_WINDOW = SAMPLE_RATE // 100
_WITHIN = 10 ** (-20 / 20)
# Of the loudest 10 ms: what is 20 dB below is breath and room.


@dataclass(frozen=True)
class Speech:
    """Something to say."""

    name: str
    # 16 kHz mono s16le.
    pcm: bytes
    # What is said in it; None where nobody knows.
    text: str | None = None

    @property
    def duration_s(self) -> float:
        """How long it lasts, in seconds."""
        return len(self.pcm) / 2 / SAMPLE_RATE

    @functools.cached_property
    def begins_s(self) -> float:
        """Where the speech in it begins: the first 10 ms that are loud."""
        return self._bounds[0]

    @functools.cached_property
    def ends_s(self) -> float:
        """Where it ends: the last 10 ms that are loud."""
        return self._bounds[1]

    @functools.cached_property
    def encoded(self) -> "Encoded":
        """The same as Opus packets: once for all who say it."""
        from parley.client.opus import encode

        return encode(self.pcm, SAMPLE_RATE)

    @functools.cached_property
    def _bounds(self) -> tuple[float, float]:
        samples = np.frombuffer(self.pcm, np.int16).astype(np.float64)
        frames = samples[: len(samples) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
        loudness = np.sqrt((frames**2).mean(axis=1)) if len(frames) else np.zeros(0)
        if not loudness.any():
            return 0.0, self.duration_s
        loud = np.nonzero(loudness > loudness.max() * _WITHIN)[0]
        return float(loud[0]) / 100, float(loud[-1] + 1) / 100


def read_speech(folder: Path, language: str) -> list[Speech]:
    """Read the WAV files of a folder: those of its subfolder of the language's name if there is one. `a.txt` beside
    `a.wav` is what is said in it.

    Raises:
        ValueError: there are none, or one is not of 16-bit samples.
        OSError: it cannot be read.
    """
    own = folder / language
    paths = sorted((own if own.is_dir() else folder).glob("*.wav"))
    if not paths:
        raise ValueError(f"{own if own.is_dir() else folder} has no WAV files")
    most = 2 * round(LONGEST_S * SAMPLE_RATE)
    found = []
    for path in paths:
        text = path.with_suffix(".txt")
        said = text.read_text(encoding="utf-8").strip() if text.is_file() else None
        pcm = read_wav(path)
        found.append(Speech(path.stem, pcm[:most], said if len(pcm) <= most else None))
    return found


async def made_speech(language: str) -> list[Speech]:
    """Make something to say: a sentence by espeak-ng, or babble where that is not here."""
    from pipeline.engines.engine import EngineError

    text = sentence(language)
    try:
        return [Speech(f"espeak-{language}", await spoken(text, language), text)]
    except EngineError:
        return [Speech("babble", babble())]
