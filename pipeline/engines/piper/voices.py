"""The voices in a folder, as Piper's files describe them, and whose voice is which."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pipeline.engines.casting import cast
from pipeline.messages.language import UnknownLanguageError, normalise, spoken

MOST_BYTES = 4 << 20
"""A description is some 5 kB, and has its list of speakers for the rest."""


@dataclass(frozen=True)
class Voice:
    """One model (VOICES.md of the Piper project describes its files)."""

    # Its model, NAME.onnx.
    path: Path
    # Normalised.
    tag: str
    # Hertz.
    sample_rate: int
    # How many people it can be.
    speakers: int
    # How long its phonemes are, 1.0 as it was taught.
    length_scale: float

    @property
    def name(self) -> str:
        """What Piper calls it."""
        return self.path.stem


def voices_in(folder: Path, names: Collection[str] = ()) -> tuple[Voice, ...]:
    """Find the voices in a folder, and in the folders in it, that can be read; or those of them that are named."""
    paths = sorted((*folder.glob("*.onnx.json"), *folder.glob("*/*.onnx.json")), key=lambda path: path.name)
    found = (_voice(path) for path in paths if path.with_suffix("").is_file())
    by_name = {voice.name: voice for voice in found if voice is not None and (not names or voice.name in names)}
    return tuple(by_name.values())


def by_language(voices: Sequence[Voice]) -> Mapping[str, tuple[Voice, ...]]:
    """Sort them by their tags; those of all regions are under the language alone as well."""
    tags = {tag for voice in voices for tag in (voice.tag, spoken(voice.tag))}
    return {tag: tuple(voice for voice in voices if tag in (voice.tag, spoken(voice.tag))) for tag in sorted(tags)}


def voice_of(seed: str, voices: Sequence[Voice]) -> tuple[Voice, int]:
    """Give whoever this is one of these voices, and which of its speakers; see `cast`."""
    people = {f"{voice.name} {speaker}": (voice, speaker) for voice in voices for speaker in range(voice.speakers)}
    return people[cast(seed, people)]


def _voice(path: Path) -> Voice | None:
    """Read one description; None if it is none, or of a language that nobody registered."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        told: Any = msgspec.json.decode(path.read_bytes())
        code = str(told.get("language", {}).get("code") or told["espeak"]["voice"])
        return Voice(
            path=path.with_suffix(""),
            tag=normalise(code.replace("_", "-")),
            sample_rate=int(told["audio"]["sample_rate"]),
            speakers=max(1, int(told["num_speakers"])),
            length_scale=float(told.get("inference", {}).get("length_scale", 1.0)),
        )
    except (OSError, msgspec.DecodeError, UnknownLanguageError, KeyError, TypeError, ValueError, AttributeError):
        return None
