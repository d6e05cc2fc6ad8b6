"""Names of people and ids of rooms, as they may come through the door."""

import re
import unicodedata

NAME_LENGTH = 64
"""Characters a name may have."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

# Letters of some scripts and joined emoji need these two; every other invisible character goes.
_JOINERS = "\u200c\u200d"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_VISIBLE = {"L", "N", "P", "S"}


class BadNameError(ValueError):
    """Not a name to show to others; the message says what to do."""


def is_id(text: str) -> bool:
    """Whether this may name a room or a participant: it goes into topic keys, paths and logs as it is."""
    return _ID.fullmatch(text) is not None


def clean_name(raw: str) -> str:
    """Give a name as others will see it: NFC, one line, without control or bidirectional override characters.

    Raises:
        BadNameError: nothing visible remains, or it is too long.
    """
    # Whitespace first: a line break between two words is a space, not nothing.
    spaced = " ".join(raw.split())
    kept = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _INVISIBLE)
    name = unicodedata.normalize("NFC", " ".join(kept.split()))
    if not any(unicodedata.category(c)[0] in _VISIBLE for c in name):
        raise BadNameError("a name needs at least one visible character")
    if len(name) > NAME_LENGTH:
        raise BadNameError(f"a name has at most {NAME_LENGTH} characters; this one has {len(name)}")
    return name
