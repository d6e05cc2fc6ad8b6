"""Where DeepL can be formal or not."""

import pytest

from pipeline.engines.deepl.formality import formality_of


@pytest.mark.parametrize(
    ("wish", "target", "told"),
    [
        ("more", "DE", "prefer_more"),
        ("less", "PT-BR", "prefer_less"),
        ("less", "ja", "prefer_less"),
        ("default", "DE", None),
        ("whatever", "DE", None),
        ("more", "EN-US", None),
        ("more", "SV", None),
    ],
)
def test_only_where_there_is_a_choice(wish: str, target: str, told: str | None) -> None:
    """And only if the room has a wish."""
    assert formality_of(wish, target) == told
