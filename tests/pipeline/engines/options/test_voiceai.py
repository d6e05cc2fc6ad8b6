import pytest

from pipeline.engines.options.voiceai import VoiceAIOptions


@pytest.mark.parametrize(
    ("name", "value"),
    [("concurrency", 0), ("timeout_s", 0), ("connect_s", 0), ("temperature", 2.1), ("top_p", 0.0), ("top_p", 1.1)],
)
def test_impossible_values_are_refused(name: str, value: float) -> None:
    """By the name of the setting."""
    with pytest.raises(ValueError, match=name):
        VoiceAIOptions(**{name: value})  # type: ignore[arg-type]


def test_the_key_is_not_shown() -> None:
    """Whoever writes the options into a log writes no key."""
    assert "secret" not in repr(VoiceAIOptions(api_key="secret"))
