import pytest

from pipeline.engines.options.openai_speech import OpenAISpeechOptions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("concurrency", 0),
        ("timeout_s", 0),
        ("connect_s", 0),
        ("sample_rate", 7_999),
        ("sample_rate", 96_000),
        ("voices", ()),
    ],
)
def test_impossible_values_are_refused(name: str, value: object) -> None:
    """By the name of the setting."""
    with pytest.raises(ValueError, match=name):
        OpenAISpeechOptions(**{name: value})  # type: ignore[arg-type]


def test_the_key_is_not_shown() -> None:
    """Whoever writes the options into a log writes no key."""
    assert "secret" not in repr(OpenAISpeechOptions(api_key="secret"))
