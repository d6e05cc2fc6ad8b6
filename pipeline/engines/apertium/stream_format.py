"""Plain text in and out of Apertium's stream format, as its own `apertium-destxt` and `apertium-retxt` do it."""

import re

SENTENCE_END = ".[]"
"""What `apertium-destxt` puts behind a text so that every tool sees a sentence end; `apertium-retxt` removes it."""

# https://wiki.apertium.org/wiki/Apertium_stream_format: what means something there is escaped by a backslash.
_SPECIAL = re.compile(r"[\^$/<>\[\]{}\\@]")
# Controls (NUL is the end of a request), lone surrogates, which UTF-8 cannot say, and the tilde: destxt takes it for
# layout, and nobody says it.
_UNSPOKEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff~]")
_SENTENCE_END = re.compile(re.escape(SENTENCE_END))
_BLANK_OR_ESCAPE = re.compile(r"\\(.)|\[((?:\\.|[^\]\\])*)\]", re.DOTALL)


def plain(text: str) -> str:
    """Reduce a clause to what is translated: one line, single spaces, no control characters, lone surrogates or `~`.

    `translate(text)` gives exactly `tidy` of what the program `apertium -u PAIR` prints for `plain(text)`; through a
    pivot, of what the second program prints for the `plain` output of the first.
    """
    return " ".join(_UNSPOKEN.sub(" ", text).split())


def tidy(text: str) -> str:
    """Normalise a translation: white space at both ends goes, any inside becomes one space. Nothing else changes."""
    return " ".join(text.split())


def to_stream(text: str) -> bytes:
    """Write one `plain` text as a request: escaped, with a sentence end, and NUL behind it."""
    return _SPECIAL.sub(r"\\\g<0>", text).encode() + SENTENCE_END.encode() + b"\0"


def is_whole(answer: bytes) -> bool:
    """Whether an answer has come through to its end: the blank in the sentence end, which no program removes."""
    return b"[]" in answer


def from_stream(answer: bytes) -> str:
    """Read the answer to a request: the added sentence end goes, blanks lose their brackets, escapes are undone."""
    text = _SENTENCE_END.sub("", answer.removesuffix(b"\0").decode(errors="replace"))
    return _BLANK_OR_ESCAPE.sub(lambda found: found[1] or re.sub(r"\\(.)", r"\1", found[2] or ""), text)
