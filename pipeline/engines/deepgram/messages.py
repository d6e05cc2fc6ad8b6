"""What Deepgram says on its WebSocket, as far as it is used here.

Source: developers.deepgram.com/reference/speech-to-text/listen-streaming, the schemas of Results, Metadata and Error.
Fields that are not named here are ignored; those that are may be missing.
"""

from typing import Any

import msgspec

from pipeline.engines.engine import EngineError


class HeardWord(msgspec.Struct, frozen=True):
    """One word; times in seconds from the connection's first sample."""

    word: str
    start: float
    end: float
    confidence: float | None = None
    # With capitals and marks, if `punctuate` was asked for.
    punctuated_word: str | None = None
    # Only where `language=multi` was asked for.
    language: str | None = None


class Alternative(msgspec.Struct, frozen=True):
    """One way to understand a stretch of sound; the first is the best."""

    transcript: str = ""
    words: list[HeardWord] = []


class Channel(msgspec.Struct, frozen=True):
    """What was heard on one channel; there is one here."""

    alternatives: list[Alternative] = []


class Results(msgspec.Struct, frozen=True, tag_field="type", tag="Results"):
    """What a stretch of sound sounds like. With `is_final` it never changes, else the next one replaces it."""

    channel: Channel = Channel()
    # Seconds from the connection's first sample.
    start: float = 0.0
    duration: float = 0.0
    is_final: bool = False
    # The speaker seems to have ended.
    speech_final: bool = False
    # It answers a Finalize.
    from_finalize: bool = False


class Metadata(msgspec.Struct, frozen=True, tag_field="type", tag="Metadata"):
    """The last message, after CloseStream."""


class Error(msgspec.Struct, frozen=True, tag_field="type", tag="Error"):
    """Something went wrong."""

    variant: str = ""


Told = Results | Metadata | Error


def told(message: Any) -> Told | None:
    """Read a message; None if it is of a kind that nobody asked for.

    Raises:
        EngineError: it is not what the documentation says.
    """
    if message.get("type") not in ("Results", "Metadata", "Error"):
        return None
    try:
        return msgspec.convert(message, Told)  # type: ignore[no-any-return]  # a union is no type
    except msgspec.ValidationError:
        # Not its message, which may quote what was heard.
        raise EngineError("Deepgram sent something else than documented") from None
