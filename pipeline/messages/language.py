"""Languages: BCP-47 tags, normalised once at the door, and the two questions asked about a pair of them."""

import functools

import langcodes
from langcodes.tag_parser import LanguageTagError

AUTO = "auto"
"""A speaking language that recognition is to find out by itself."""

# A macrolanguage stands for its dominant member (ISO 639-3): `zh` in a browser means Mandarin. Others, such as `yue`,
# stay languages of their own, because their speakers do not understand each other.
_DOMINANT = {"cmn": "zh", "arb": "ar", "nb": "no", "zsm": "ms", "pes": "fa"}


class UnknownLanguageError(ValueError):
    """A tag that is not a language anybody registered."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag

    def __str__(self) -> str:
        return f"{self.tag[:40]!r} is not a language tag: use one like 'en', 'es' or 'pt-BR' (BCP-47)"


@functools.lru_cache(maxsize=4096)
def normalise(tag: str) -> str:
    """Give the one spelling of a BCP-47 tag (RFC 5646) that the rest of the system compares.

    Raises:
        UnknownLanguageError: the tag does not parse, or its language is not registered.
    """
    try:
        language = langcodes.Language.get(tag.strip(), normalize=True)
    except LanguageTagError:
        raise UnknownLanguageError(tag) from None
    code = language.language
    if code is None or not language.is_valid():
        raise UnknownLanguageError(tag)
    return language.update(langcodes.Language.make(language=_DOMINANT.get(code, code))).to_tag()


def normalise_spoken(tag: str) -> str:
    """Normalise a speaking language, which may also be `auto`."""
    return AUTO if tag.strip().lower() == AUTO else normalise(tag)


@functools.lru_cache(maxsize=4096)
def spoken(tag: str) -> str:
    """Name the spoken language of a normalised tag: without region, script or variant."""
    return langcodes.Language.get(tag).language or tag


def hears(listener: str, speaker: str) -> bool:
    """Whether a listener in one language understands the sound of the other. Script and region do not count."""
    return spoken(listener) == spoken(speaker)


@functools.lru_cache(maxsize=4096)
def reads(reader: str, text: str) -> bool:
    """Whether someone who reads one language can read text in the other: same spoken language and same script."""
    if not hears(reader, text):
        return False
    scripts = (langcodes.Language.get(tag).maximize().script for tag in (reader, text))
    return len(set(scripts)) == 1
