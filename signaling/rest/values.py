"""Values that many operations take: ids and languages, as the document tells them and as they are read."""

from typing import Annotated

import msgspec

from pipeline.messages.language import UnknownLanguageError, normalise, normalise_spoken
from signaling.names import is_id
from signaling.rest.problem import ProblemError

Id = Annotated[
    str,
    msgspec.Meta(
        pattern="^[A-Za-z0-9_-]{1,64}$", max_length=64, description="1 to 64 letters, digits, `-` or `_` of ASCII"
    ),
]
"""Of a room, a participant or a token."""

Language = Annotated[
    str,
    msgspec.Meta(
        pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        max_length=64,
        description="A BCP-47 tag, as `en`, `es` or `pt-BR`. Tags that are registered nowhere are refused with 422.",
    ),
]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


def require_ids(*texts: str) -> None:
    """Check ids in a `__post_init__`: the pattern alone would let a line break at the end pass (Python's `$`).

    Raises:
        ValueError: one is none.
    """
    if not all(map(is_id, texts)):
        raise ValueError("an id has 1 to 64 letters, digits, `-` or `_` of ASCII")


def language(tag: str, *, spoken: bool = False) -> str:
    """Give a tag as the rest of the system compares it. `spoken`: it may be `auto`.

    Raises:
        ProblemError: 422, it is not registered.
    """
    try:
        return normalise_spoken(tag) if spoken else normalise(tag)
    except UnknownLanguageError as error:
        raise ProblemError(422, "unknown_language", str(error)) from None
