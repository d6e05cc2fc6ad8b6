"""Text to pieces and back, as SentencePiece's own library does it.

`data/NAME.model` were trained by sentencepiece 0.2.3, with a table of a few replaced characters; `data/NAME.json` is
what the library made of some texts with them.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ct2.pieces import Pieces
from pipeline.engines.ct2.spm import Kind, Piece, SpmModel
from pipeline.engines.plain_text import plain

DATA = Path(__file__).parent / "data"
BYTES = Pieces.read(DATA / "unigram_bytes.model")
NAMES = sorted(path.stem for path in DATA.glob("*.model"))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_as_the_library_does_it(name: str) -> None:
    """Pieces and text, in 18 languages, with replaced, unknown and user-defined characters."""
    pieces = Pieces.read(DATA / f"{name}.model")
    cases = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    assert len(cases) > 80
    for case in cases:
        assert pieces.encode(case["text"]) == case["pieces"]
        # The library writes unknown pieces in a form of its own here and there; words are the same.
        assert pieces.decode(case["pieces"]).split() == case["decoded"].split()


@pytest.mark.parametrize("name", NAMES)
def test_what_goes_in_comes_out(name: str) -> None:
    """Of a text of known characters."""
    pieces = Pieces.read(DATA / f"{name}.model")
    assert pieces.decode(pieces.encode("the house is big")) == "the house is big"


@given(st.text())
def test_any_text_is_cut(text: str) -> None:
    """With bytes, every text comes back, but for blanks and what the table replaces."""
    line = plain(text)
    assert BYTES.decode(BYTES.encode(line)).split() == " ".join(line.split()).split() or any(
        character in line for character in "ﬁ，Ａ½\u3000\u00a0\u200b"
    )


def test_the_end_of_a_sentence_is_no_text() -> None:
    """Nor is any other control piece."""
    model = SpmModel((Piece("<unk>", 0, Kind.UNKNOWN), Piece("</s>", 0, Kind.CONTROL), Piece("\u2581a", -1.0)))
    assert Pieces(model).decode(["\u2581a", "</s>", "\u2581a", "<unk>"]) == "a a"
    assert Pieces(model).encode("a a") == ["\u2581a", "\u2581a"]
