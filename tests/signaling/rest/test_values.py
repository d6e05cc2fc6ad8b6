"""Ids and languages."""

import pytest

from signaling.rest.problem import ProblemError
from signaling.rest.values import language, require_ids


@pytest.mark.parametrize("text", ["", "a b", "demo\n", "é", "a" * 65])
def test_an_id_is_an_id(text: str) -> None:
    """A line break at its end as well."""
    require_ids("demo", "A-_9")
    with pytest.raises(ValueError, match="1 to 64"):
        require_ids("demo", text)


def test_languages_are_normalised() -> None:
    """As everywhere."""
    assert language("PT-br") == "pt-BR"
    assert language("Auto", spoken=True) == "auto"


@pytest.mark.parametrize("tag", ["xx-unknown", "auto"])
def test_a_language_that_is_none_cannot_be_set(tag: str) -> None:
    """`auto` is one to speak only."""
    with pytest.raises(ProblemError) as refused:
        language(tag)
    assert (refused.value.status, refused.value.code) == (422, "unknown_language")
