import pytest

from pipeline.engines.options.sarvam import SarvamOptions


@pytest.mark.parametrize("name", ["concurrency", "connect_s", "peek_s", "finish_s"])
def test_impossible_values_are_refused(name: str) -> None:
    """By the name of the setting."""
    with pytest.raises(ValueError, match=name):
        SarvamOptions(**{name: 0})  # type: ignore[arg-type]


def test_the_key_is_not_shown() -> None:
    """Whoever writes the options into a log writes no key."""
    assert "secret" not in repr(SarvamOptions(api_key="secret"))
