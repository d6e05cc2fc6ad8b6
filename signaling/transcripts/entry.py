"""What a transcript's file says, one JSON object a line: that it begins, what was said, that it ended."""

import msgspec

from pipeline.messages import Transcript, Translation

VERSION = 1


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """One line. Fields that are added later have defaults; unknown ones are passed over."""


class Begun(Entry, frozen=True, kw_only=True, tag="begun"):
    """The first line."""

    version: int
    room_id: str
    # Epoch milliseconds.
    at_ms: int


class Said(Entry, frozen=True, kw_only=True, tag="said"):
    """What somebody said, as recognised or in another language."""

    utterance_id: str
    clause: int
    speaker_id: str
    # What they were called; None: nobody knew.
    name: str | None = None
    language: str
    text: str
    # None: this is what was recognised.
    source_language: str | None = None
    # Epoch milliseconds of the sound.
    started_at_ms: int
    ended_at_ms: int


class Ended(Entry, frozen=True, kw_only=True, tag="ended"):
    """The room ended. What comes behind it came late."""

    at_ms: int


_decoder: msgspec.json.Decoder[Begun | Said | Ended] = msgspec.json.Decoder(Begun | Said | Ended)


def said(text: Transcript | Translation, name: str | None) -> Said | None:
    """Give what is kept of a text; None: nothing, because it is not final, or skipped, or empty."""
    if not text.is_final or text.skipped or not text.payload.strip():
        return None
    return Said(
        utterance_id=text.utterance_id,
        clause=text.clause,
        speaker_id=text.user_id,
        name=name,
        language=text.language,
        text=" ".join(text.payload.split()),
        source_language=text.source_language if isinstance(text, Translation) else None,
        started_at_ms=text.ended_at_ms - max(0, text.end_ms - text.start_ms),
        ended_at_ms=text.ended_at_ms,
    )


def encode(entry: Entry) -> bytes:
    """Write a line, its end included."""
    return msgspec.json.encode(entry) + b"\n"


def decode(line: bytes) -> Begun | Said | Ended | None:
    """Read a line; None: it is none, as the last one is after a crash, or of a later version."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
