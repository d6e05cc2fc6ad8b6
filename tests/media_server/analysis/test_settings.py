"""Settings are checked when they are made."""

import pytest

from media_server.analysis.settings import AnalysisSettings


def test_the_defaults_are_the_documented_ones() -> None:
    """Chunks of 100 ms, ends after 300 ms of silence, 10 s at most."""
    settings = AnalysisSettings()
    assert (settings.chunk_ms, settings.silence_ms, settings.silence_max_ms) == (100, 300, 600)
    assert (settings.pre_speech_ms, settings.max_utterance_ms) == (300, 10_000)


@pytest.mark.parametrize("chunk_ms", [20, 100, 500])
def test_chunks_last_20_to_500_ms(chunk_ms: int) -> None:
    """Both ends belong to it."""
    assert AnalysisSettings(chunk_ms=chunk_ms).chunk_ms == chunk_ms


@pytest.mark.parametrize("chunk_ms", [0, 19, 501, -100])
def test_other_chunks_are_refused_by_name(chunk_ms: int) -> None:
    """The message says which setting, what it is, and what it may be."""
    with pytest.raises(ValueError, match=rf"chunk_ms is {chunk_ms}, but a chunk lasts 20 to 500 ms"):
        AnalysisSettings(chunk_ms=chunk_ms)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webrtc_aggressiveness", 4),
        ("speech_start", 1.5),
        ("speech_stop", 0.6),
        ("silence_ms", 700),
        ("gate_level", 128),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: float) -> None:
    """Ranges hold, and limits that depend on each other agree."""
    with pytest.raises(ValueError, match=r"is .+, but it must be .+ to .+"):
        AnalysisSettings(**{name: value})  # type: ignore[arg-type]
