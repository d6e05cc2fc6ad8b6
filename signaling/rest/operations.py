"""Everything that the REST interface does."""

from typing import Any

from signaling.rest import captions, engines, languages, nodes, participants, qr, rooms, tokens, transcripts
from signaling.rest.document import document
from signaling.rest.operation import AnyOperation
from signaling.rest.self_description import with_description

OPERATIONS: tuple[AnyOperation, ...] = with_description(
    (
        *rooms.OPERATIONS,
        *participants.OPERATIONS,
        *tokens.OPERATIONS,
        *languages.OPERATIONS,
        *engines.OPERATIONS,
        *captions.OPERATIONS,
        *transcripts.OPERATIONS,
        *nodes.OPERATIONS,
        *qr.OPERATIONS,
    )
)


def openapi() -> dict[str, Any]:
    """Give the OpenAPI document of all of it, as JSON's types."""
    return document(OPERATIONS)
