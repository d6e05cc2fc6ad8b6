"""What is typed next of what was dictated. Pure."""

import unicodedata
from collections import OrderedDict

from parley.client.events import Caption

REMEMBERED = 1024
"""Clauses of which it is known that they were typed; the oldest is forgotten first."""

_WITHOUT_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my", "bo"})
_CLOSING = tuple(".,;:!?…)]}»”’%")


class Dictation:
    """Turns captions into text to type: each clause once, when it is final, with a space between two."""

    def __init__(self) -> None:
        self._typed: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._began = False

    def take(self, caption: Caption) -> str:
        """Give what is to be typed now; mostly nothing."""
        key = (caption.utterance_id, caption.clause)
        if not caption.is_final or key in self._typed:
            return ""
        text = typable(caption.text)
        if not text:
            return ""
        self._typed[key] = None
        if len(self._typed) > REMEMBERED:
            self._typed.popitem(last=False)
        spaced = self._began and not text.startswith(_CLOSING) and has_spaces(caption.language)
        self._began = True
        return f" {text}" if spaced else text


def has_spaces(language: str) -> bool:
    """Whether a language has spaces between its words."""
    return language.partition("-")[0].lower() not in _WITHOUT_SPACES


def typable(text: str) -> str:
    """Give a text without what would press keys: a line feed would send a message, a tab leave the field."""
    return " ".join("".join(" " if _presses(each) else each for each in text).split())


def _presses(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs")
