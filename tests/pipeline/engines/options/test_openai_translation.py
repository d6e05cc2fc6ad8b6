"""What can be set about translation by OpenAI-compatible endpoints."""

from typing import Any

import pytest

from pipeline.engines.options.openai_translation import OpenAITranslationOptions
from pipeline.messages.language import normalise


@pytest.mark.parametrize("wrong", [{"timeout_s": 0}, {"longest": 0}, {"concurrency": 0}, {"context": -1}])
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    """At once, and not at the first clause."""
    with pytest.raises(ValueError, match="must be"):
        OpenAITranslationOptions(**wrong)


def test_the_languages_are_normalised() -> None:
    """As the tags that they are compared with."""
    assert all(normalise(tag) == tag for tag in OpenAITranslationOptions().languages)
