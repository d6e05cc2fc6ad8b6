import pytest

from pipeline.engines.options.deepgram import DeepgramOptions


@pytest.mark.parametrize("name", ["concurrency", "connect_s", "peek_s", "finish_s"])
def test_impossible_values_are_refused(name: str) -> None:
    """By the name of the setting."""
    with pytest.raises(ValueError, match=name):
        DeepgramOptions(**{name: 0})  # type: ignore[arg-type]


def test_endpointing_may_be_off() -> None:
    """But not negative."""
    assert DeepgramOptions(endpointing_ms=0).endpointing_ms == 0
    with pytest.raises(ValueError, match="endpointing_ms"):
        DeepgramOptions(endpointing_ms=-1)


def test_the_key_is_not_shown() -> None:
    """Whoever writes the options into a log writes no key."""
    assert "secret" not in repr(DeepgramOptions(api_key="secret"))
