"""Which script a character is of, and a language is written in. From Unicode's names, which say it first."""

import functools
import unicodedata
from collections.abc import Iterator

import langcodes

_WEIGHTS = {"CJK": 3.0, "HIRAGANA": 1.6, "KATAKANA": 1.6, "HANGUL": 2.2}
"""Letters of Latin script that say as much as one of these."""
_SCRIPTS = {
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK", "KATAKANA-HIRAGANA"),
    "Kore": ("HANGUL", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Latn": ("LATIN",),
    "Cyrl": ("CYRILLIC",),
    "Arab": ("ARABIC",),
    "Deva": ("DEVANAGARI",),
    "Thai": ("THAI",),
    "Grek": ("GREEK",),
    "Hebr": ("HEBREW",),
    "Beng": ("BENGALI",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Knda": ("KANNADA",),
    "Mlym": ("MALAYALAM",),
    "Gujr": ("GUJARATI",),
    "Guru": ("GURMUKHI",),
    "Orya": ("ORIYA",),
    "Sinh": ("SINHALA",),
    "Geor": ("GEORGIAN",),
    "Armn": ("ARMENIAN",),
    "Khmr": ("KHMER",),
    "Laoo": ("LAO",),
    "Mymr": ("MYANMAR",),
    "Ethi": ("ETHIOPIC",),
    "Tibt": ("TIBETAN",),
}
"""ISO 15924 code -> how the names of its characters begin."""


@functools.lru_cache(maxsize=20_000)
def script_of(character: str) -> str:
    """Give the first word of a character's name in Unicode; empty if it has none."""
    return unicodedata.name(character, "").partition(" ")[0]


def is_letter(character: str) -> bool:
    """Whether a character is a letter, a mark on one, or a digit: something that can be read out."""
    return unicodedata.category(character)[0] in "LMN"


def letters_of(text: str) -> Iterator[str]:
    """Give the script of each letter."""
    return (script_of(character) for character in text if unicodedata.category(character)[0] in "LM")


def script_weight(character: str) -> float:
    """Say how much a character says, where one of Latin script says 1."""
    return _WEIGHTS.get(script_of(character), 1.0)


@functools.lru_cache(maxsize=1_000)
def scripts_of(tag: str) -> tuple[str, ...]:
    """Give the scripts that a language is written in, as first words of names; empty if that is not known here."""
    return _SCRIPTS.get(langcodes.Language.get(tag).maximize().script or "", ())
