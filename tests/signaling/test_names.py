"""Names and ids as they come through the door."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.names import NAME_LENGTH, BadNameError, clean_name, is_id


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Ada\nLovelace", "Ada Lovelace"),
        ("Jose\u0301", "Jos\u00e9"),
        ("\u202eevil\u202c", "evil"),
        ("a\u2066b\u2069c\u200e\u200fd\u061c", "abcd"),
        ("A\x00d\x1ba", "Ada"),
        ("Ada\u200b\ufeff", "Ada"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("李", "李"),
    ],
)
def test_a_name_is_one_clean_line(raw: str, shown: str) -> None:
    """Spaces are folded, control and bidirectional characters go, letters, joiners and markup stay as text."""
    assert clean_name(raw) == shown


@pytest.mark.parametrize("raw", ["", "   ", "\u202e\u202c", "\u200b", "\u0301", "\u200d", "\x00\x01", "a" * 65])
def test_what_is_no_name_is_refused(raw: str) -> None:
    """Nothing visible, or too much of it, is no name."""
    with pytest.raises(BadNameError):
        clean_name(raw)


@given(st.text(max_size=200))
def test_a_clean_name_stays_as_it_is(raw: str) -> None:
    """Cleaning twice changes nothing, and no invisible character but the joiners survives."""
    try:
        name = clean_name(raw)
    except BadNameError:
        return
    assert 1 <= len(name) <= NAME_LENGTH
    assert clean_name(name) == name
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("text", ["demo", "A-1_b", "a" * 64])
def test_ids(text: str) -> None:
    """Letters, digits, - and _ make an id."""
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "a" * 65, "a/b", "a.b", "a b", "a\n", "é", "١", "../x"])
def test_no_ids(text: str) -> None:
    """Everything else does not."""
    assert not is_id(text)
