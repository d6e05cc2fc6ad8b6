"""What all messages of a client have in common."""

from typing import Annotated

import msgspec

# Longest text of a field, in characters: a tag of RFC 5646, and a name before it is cleaned.
Tag = Annotated[str, msgspec.Meta(max_length=64)]
RawName = Annotated[str, msgspec.Meta(max_length=512)]
ParticipantId = Annotated[str, msgspec.Meta(max_length=64)]


class ClientMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Something a page asks for."""
