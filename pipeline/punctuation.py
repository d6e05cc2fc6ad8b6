"""Where written sentences may be cut, in any script. Pure."""

import unicodedata

COMMAS = frozenset(",;:–—、，；：،؛")
STOPS = frozenset(".!?…。．！？؟।॥။។")
CLOSING = "\"'”’»)]}』」）"
"""May stand behind a mark and belongs to what ends there."""
_ABBREVIATIONS = (
    "approx ca capt cf col dept dr e.g etc fig gen hon i.e jr lt mag messrs mlle mme mr mrs ms mt mx nr prof rev "
    "sen sgt sr sra sta sto st usw vs z.b"
)
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
"""With a full stop behind them, no sentence ends."""


def ends_clause(word: str) -> bool:
    """Say whether a word has a mark behind it at which a clause may end: comma-class, or the end of a sentence."""
    bare = word.rstrip(CLOSING)
    if not bare or bare[-1] not in COMMAS | STOPS:
        return False
    stem = bare[:-1].casefold().lstrip("\"'“‘«([")
    if bare[-1] != ".":
        return True
    return stem not in ABBREVIATIONS and not (
        len(stem) == 1 and stem.isalpha() and unicodedata.name(stem, "")[:5] == "LATIN"
    )


def width(text: str) -> int:
    """Count the characters; wide ones, of which each says about as much as two letters, twice."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
