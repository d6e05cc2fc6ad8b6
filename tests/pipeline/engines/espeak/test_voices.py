"""A voice of its own for everybody."""

import subprocess

from pipeline.engines.espeak.voices import PITCHES, VARIANTS, voice_of


def test_a_voice_stays_the_same() -> None:
    """On every machine, in every process: these are fixed for ever."""
    assert [voice_of(seed) for seed in ("anna", "ben")] == [voice_of(seed) for seed in ("anna", "ben")]
    assert str(voice_of("anna")) == str(voice_of("anna"))


def test_people_are_told_apart() -> None:
    """Of a roomful, most have a voice that nobody else has, and all voices are used."""
    voices = [voice_of(f"participant-{n}") for n in range(2_000)]
    assert len({voice_of(f"guest {n}") for n in range(10)}) >= 8
    assert len(set(voices)) == len(VARIANTS) * len(PITCHES)


def test_any_seed_will_do() -> None:
    """Also one that is no text at all."""
    assert voice_of("")
    assert voice_of("\ud800")


def test_the_program_has_these_variants() -> None:
    """A variant that is not there would be spoken by the plain voice."""
    listed = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True).stdout
    assert all(f"!v/{variant} " in listed for variant in VARIANTS)
