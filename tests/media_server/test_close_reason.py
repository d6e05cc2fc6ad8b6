"""Why something ended."""

import pytest

from media_server.close_reason import CloseReason


def test_reasons_travel_as_words() -> None:
    """A reason is the word that events and logs carry, and is made from it."""
    assert CloseReason("left") is CloseReason.LEFT
    assert f"{CloseReason.GONE}" == "gone"


def test_other_words_are_refused() -> None:
    """What is not on the list is not a reason."""
    with pytest.raises(ValueError, match="bored"):
        CloseReason("bored")
