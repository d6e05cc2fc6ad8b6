"""Messages as bytes and back: msgpack values, with the schema's name and version in the record's headers."""

from collections.abc import Mapping

import msgspec

from pipeline.messages.audio_chunk import AudioChunk
from pipeline.messages.base import Message
from pipeline.messages.dead_letter import DeadLetter
from pipeline.messages.room_settings import RoomSettings
from pipeline.messages.speech import Speech
from pipeline.messages.transcript import Transcript
from pipeline.messages.translation import Translation
from pipeline.messages.validity import fault_of
from pipeline.messages.voice_reference import VoiceReference
from pipeline.messages.worker_status import WorkerStatus

SCHEMAS: Mapping[str, type[Message]] = {
    schema.SCHEMA: schema
    for schema in (AudioChunk, Transcript, Translation, Speech, DeadLetter, WorkerStatus, RoomSettings, VoiceReference)
}

_encoder = msgspec.msgpack.Encoder()
_decoders = {name: msgspec.msgpack.Decoder(schema) for name, schema in SCHEMAS.items()}


class UnreadableRecordError(ValueError):
    """A record that no reader of this version can understand; it belongs in the dead letters."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def headers(message: Message) -> dict[str, str]:
    """Give the headers under which a message travels."""
    return {"schema": message.SCHEMA, "version": str(message.VERSION)}


def encode(message: Message) -> bytes:
    """Write a message as msgpack. Sound stays binary."""
    return _encoder.encode(message)


def decode(value: bytes, headers: Mapping[str, str]) -> Message:
    """Read a message.

    Raises:
        UnreadableRecordError: no such schema, a newer version of it, or bytes that do not fit it; or a message that
            cannot be, such as one with a negative sequence number.
    """
    name, version = headers.get("schema", ""), headers.get("version", "")
    schema = SCHEMAS.get(name)
    if schema is None:
        raise UnreadableRecordError(f"no schema named {name[:40]!r}")
    if version != str(schema.VERSION):
        raise UnreadableRecordError(f"version {version[:10]!r} of {name}, where this program reads {schema.VERSION}")
    try:
        message = _decoders[name].decode(value)
    except msgspec.DecodeError as error:  # its subclass ValidationError included
        raise UnreadableRecordError(f"{name}: {error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableRecordError(f"{name}: text that is not UTF-8") from error
    if fault := fault_of(message):
        raise UnreadableRecordError(f"{name}: {fault}")
    return message


def json_schemas() -> dict[str, object]:
    """Describe every message as JSON Schema."""
    schemas, components = msgspec.json.schema_components(SCHEMAS.values(), ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "anyOf": list(schemas), "$defs": components}
