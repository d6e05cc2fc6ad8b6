"""What Sarvam says on its realtime WebSocket, as far as it is used here.

Source: docs.sarvam.ai/api-reference/speech-to-text/transcribe/realtime/ws and
docs.sarvam.ai/api/api-guides-tutorials/speech-to-text/realtime-api. Fields that are not named here are ignored; those
that are may be missing.
"""

from typing import Any

import msgspec

from pipeline.engines.engine import EngineError


class Partial(msgspec.Struct, frozen=True, tag_field="event", tag="transcript.partial"):
    """What an utterance of theirs sounds like so far."""

    text: str = ""
    # As BCP-47 with the region IN.
    language: str | None = None


class Final(msgspec.Struct, frozen=True, tag_field="event", tag="transcript.final"):
    """What an utterance of theirs sounds like; it never changes."""

    text: str = ""
    # Theirs, from 0.
    utterance_idx: int | None = None
    language: str | None = None
    # 0 to 1.
    language_confidence: float | None = None


class SessionEnd(msgspec.Struct, frozen=True, tag_field="event", tag="session.end"):
    """The last message, after `end`."""


class Error(msgspec.Struct, frozen=True, tag_field="event", tag="error"):
    """Something went wrong; if it is fatal, the connection is closed next."""

    code: str | int = ""
    is_fatal: bool = True
    # HTTP's, if it fits one.
    status_code: int | None = None


Told = Partial | Final | SessionEnd | Error
EVENTS = ("transcript.partial", "transcript.final", "session.end", "error")


def told(message: Any) -> Told | None:
    """Read a message; None if it is of a kind that says nothing here.

    Raises:
        EngineError: it is not what the documentation says.
    """
    if message.get("event") not in EVENTS:
        return None
    try:
        return msgspec.convert(message, Told)  # type: ignore[no-any-return]  # a union is no type
    except msgspec.ValidationError:
        # Not its message, which may quote what was heard.
        raise EngineError("Sarvam sent something else than documented") from None
