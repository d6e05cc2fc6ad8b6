"""Where written sentences may be cut."""

import pytest

from pipeline.punctuation import ends_clause, width


@pytest.mark.parametrize(
    "word", ["home,", "home.", "so?", "well…", "said:", "(home),", 'home."', "家。", "はい、", "نعم؟", "है।"]
)
def test_a_clause_may_end_at_a_mark(word: str) -> None:
    """Comma-class or the end of a sentence, in any script, also inside quotes."""
    assert ends_clause(word)


@pytest.mark.parametrize("word", ["home", "Mr.", "(Dr.", "e.g.", "J.", "3.5", "don't", "ill-disposed", "", "-", '"'])
def test_a_clause_does_not_end_elsewhere(word: str) -> None:
    """A full stop behind an abbreviation or an initial ends nothing."""
    assert not ends_clause(word)


def test_wide_letters_count_twice() -> None:
    """One of them says about as much as two letters."""
    assert (width("home"), width("回家"), width("집")) == (4, 4, 2)
