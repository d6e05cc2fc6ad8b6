"""What a language model is told about a language."""

import pytest

from pipeline.engines.chat.names import language_name
from pipeline.engines.options.openai_translation import OpenAITranslationOptions


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de", "German (de)"),
        ("pt-BR", "Portuguese (pt-BR)"),
        ("zh-Hant", "Chinese in traditional script (zh-Hant)"),
        ("tlh", "tlh"),
    ],
)
def test_a_language_is_named(tag: str, name: str) -> None:
    """With its tag, which says which region."""
    assert language_name(tag) == name


def test_every_language_that_is_offered_has_a_name() -> None:
    """Models know names better than tags."""
    assert all("(" in language_name(tag) for tag in OpenAITranslationOptions().languages)
