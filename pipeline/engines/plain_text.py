"""What of a clause is text: one line of characters that mean themselves."""

import re

LONGEST_TEXT = 20_000
"""Characters in one request to a translator; a clause has some hundred."""

# Control characters, and halves of surrogate pairs, which UTF-8 cannot write.
_UNSPOKEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(text: str) -> str:
    """Put a text on one line, with single blanks, without control characters and lone surrogates."""
    return " ".join(_UNSPOKEN.sub(" ", text).split())
