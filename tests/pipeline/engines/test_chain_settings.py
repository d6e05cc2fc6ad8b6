"""What can be set about chains."""

import pytest

from pipeline.engines.chain_settings import ChainSettings


@pytest.mark.parametrize("name", ["length", "failures"])
def test_counts_are_at_least_one(name: str) -> None:
    """The message names the setting."""
    with pytest.raises(ValueError, match=f"{name} is 0, but it must be at least 1"):
        ChainSettings(**{name: 0})


def test_one_engine_stands_behind_another_by_default() -> None:
    """No more, for all of them are in memory."""
    assert ChainSettings().length == 2
