import pytest

from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions


@pytest.mark.parametrize("name", ["window_s", "concurrency", "timeout_s", "connect_s"])
def test_impossible_values_are_refused(name: str) -> None:
    """By the name of the setting."""
    with pytest.raises(ValueError, match=name):
        OpenAITranscriptionOptions(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("step_s", [0.1, -1, 16])
def test_a_step_fits_into_the_window(step_s: float) -> None:
    """Or there is none."""
    assert OpenAITranscriptionOptions(step_s=0).step_s == 0
    with pytest.raises(ValueError, match="step_s"):
        OpenAITranscriptionOptions(step_s=step_s)


def test_the_key_is_not_shown() -> None:
    """Whoever writes the options into a log writes no key."""
    assert "secret" not in repr(OpenAITranscriptionOptions(api_key="secret"))
