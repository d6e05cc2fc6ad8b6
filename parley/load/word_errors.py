"""How many words were heard wrongly."""

import unicodedata
from typing import NamedTuple


class WordErrors(NamedTuple):
    """Of some texts together."""

    # Words to put in, take out or change.
    wrong: int
    # Of what was said.
    words: int

    @property
    def rate(self) -> float | None:
        """Wrong words for each that was said; None if nothing was said."""
        return self.wrong / self.words if self.words else None

    def with_(self, other: "WordErrors") -> "WordErrors":
        """Add those of another text."""
        return WordErrors(self.wrong + other.wrong, self.words + other.words)


NONE = WordErrors(0, 0)


def plain(text: str) -> list[str]:
    """Give a text's words without case and punctuation; an apostrophe within a word stays."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    # Letters, numbers, and the marks that some scripts write vowels with.
    kept = "".join(c if c == "'" or unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    return [word for word in (each.strip("'") for each in kept.split()) if word]


def word_errors(said: str, heard: str) -> WordErrors:
    """Count the least changes that make one text of the other (Levenshtein distance over words)."""
    expected, got = plain(said), plain(heard)
    row = list(range(len(got) + 1))
    for index, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], index
        for place, other in enumerate(got, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (word != other))
    return WordErrors(row[-1], len(expected))
