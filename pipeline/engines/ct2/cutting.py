"""Cutting a text that is longer than a model was trained for."""

import re
from collections.abc import Callable

_SENTENCE_END = re.compile(r"(?<=[.!?;:…])\s+|(?<=[。！？；])\s*")  # of several scripts
_BLANK = re.compile(r"\s+")


def cut_text(text: str, size: Callable[[str], int], most: int) -> list[str]:
    """Cut a text into parts of at most `most` by `size`: at the sentence end that is nearest to its middle, else at the
    blank, else in the middle; and each part again.
    """
    if len(text) < 2 or size(text) <= most:
        return [text]
    head, tail = _halves(text)
    return [*cut_text(head, size, most), *cut_text(tail, size, most)]


def _halves(text: str) -> tuple[str, str]:
    middle = len(text) // 2
    for boundary in (_SENTENCE_END, _BLANK):
        places = [found for found in boundary.finditer(text) if found.start() > 0 and found.end() < len(text)]
        if places:
            nearest = min(places, key=lambda found: abs(found.start() - middle))
            return text[: nearest.start()], text[nearest.end() :]
    return text[:middle], text[middle:]
