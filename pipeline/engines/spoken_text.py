"""A clause's text as engines can take it: without what is no text, and in pieces that they can speak one by one."""

import re

# Controls and lone surrogates; and [[ ]], by which espeak-ng and Piper take phonemes instead of words.
_UNSPOKEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[\\[|\\]\\]")
# Behind a sentence: its mark, what closes it, and blanks; Chinese and Japanese have none, and sometimes they are
# forgotten, which a capital behind the mark shows.
_SENTENCE = re.compile(
    r"(?<=[.!?…؟।])[\"'”’»«)]*\s+|(?<=[。！？])|(?<=[a-zß-öø-ÿ][.!?…])(?=[A-ZÀ-ÖØ-Þ¿¡])",
)
# Where a sentence that is too long may be cut, the better place first.
_CUTS = (re.compile(r"(?<=[,;:،])\s+|(?<=[，、；：])"), re.compile(r"\s+"))


def speakable(text: str) -> str:
    """Take out what means something to a program and nothing to a listener; empty if nothing can be said then."""
    cleaned = " ".join(_UNSPOKEN.sub(" ", text).split())
    return cleaned if any(character.isalnum() for character in cleaned) else ""


def sentences(text: str, most: int) -> list[str]:
    """Cut a text into its sentences, of `most` characters at most: longer ones at commas, blanks, or anywhere."""
    return [
        piece for sentence in _SENTENCE.split(text) for piece in _pieces(sentence.strip(), most) if speakable(piece)
    ]


def _pieces(sentence: str, most: int) -> list[str]:
    pieces = []
    while len(sentence) > most:
        at = _cut(sentence, most)
        pieces.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*pieces, sentence]


def _cut(sentence: str, most: int) -> int:
    for pattern in _CUTS:
        places = [found.end() for found in pattern.finditer(sentence, 0, most)]
        if places:
            return places[-1]
    return most
