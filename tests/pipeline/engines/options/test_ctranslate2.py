"""What can be set about CTranslate2's translation models."""

from typing import Any

import pytest

from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.messages.language import normalise


@pytest.mark.parametrize("wrong", [{"beam_size": 0}, {"queue": 0}, {"piece_tokens": 1}, {"longest": 0}])
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    """At once, and not at the first clause."""
    with pytest.raises(ValueError, match="must be"):
        CTranslate2Options(**wrong)


def test_the_languages_are_normalised() -> None:
    """As the tags that they are compared with."""
    assert all(normalise(tag) == tag for tag in CTranslate2Options().languages)
