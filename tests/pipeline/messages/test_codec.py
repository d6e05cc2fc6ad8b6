"""Messages as bytes and back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.messages import DeadLetter, Message, RoomSettings, Speech, Times, VoiceReference, WorkerStatus
from pipeline.messages.codec import SCHEMAS, UnreadableRecordError, decode, encode, headers, json_schemas
from tests.pipeline.support import chunk, transcript, translation

SPEECH = Speech(
    room_id="room",
    user_id="ann",
    sequence_number=1,
    utterance_id="u1",
    times=Times(captured_at_ms=1),
    packets=(b"\x00\xff", b"opus"),
    language="es",
    clause=0,
    index=0,
    clause_end=True,
)
LETTER = DeadLetter(
    stage="synthesis",
    error="E",
    message="m",
    attempts=1,
    original_topic="t",
    original_key="k",
    original_partition=0,
    original_offset=0,
    original_headers={"a": "b"},
    originals=(b"\x00",),
    first_failed_at_ms=0,
    worker_version="1",
)
STATUS = WorkerStatus(worker_id="w", stage="translation", engine="e", healthy=True, pairs=(("en", "es"),), at_ms=1)
VOICE = VoiceReference(room_id="room", user_id="ann", payload=b"\x00\xff")
SETTINGS = RoomSettings(room_id="room", glossary={"es": {"Parley": "Parley"}})
ONE_OF_EACH: list[Message] = [chunk(), transcript(), translation(), SPEECH, LETTER, STATUS, SETTINGS, VOICE]


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: message.SCHEMA)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    """Written and read, every kind is the same."""
    assert decode(encode(message), headers(message)) == message


def test_there_is_one_of_each_kind_here() -> None:
    """So that none goes untested."""
    assert {message.SCHEMA for message in ONE_OF_EACH} == set(SCHEMAS)


def test_sound_stays_binary() -> None:
    """No base64: the bytes are there as they are."""
    assert len(encode(chunk(ms=100))) < 3200 * 1.2


def test_headers_say_which_schema_and_version() -> None:
    """Readers decide by them before they read anything."""
    assert headers(chunk()) == {"schema": "audio_chunk", "version": "1"}


@pytest.mark.parametrize(
    ("record_headers", "why"),
    [
        ({}, "no schema named ''"),
        ({"schema": "gossip", "version": "1"}, "no schema named 'gossip'"),
        ({"schema": "audio_chunk"}, "version '' of audio_chunk, where this program reads 1"),
        ({"schema": "audio_chunk", "version": "2"}, "version '2' of audio_chunk, where this program reads 1"),
    ],
)
def test_an_unknown_schema_or_version_is_refused(record_headers: dict[str, str], why: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UnreadableRecordError) as refused:
        decode(encode(chunk()), record_headers)
    assert refused.value.why == why


@given(st.binary(max_size=200))
def test_no_bytes_can_do_worse_than_be_refused(value: bytes) -> None:
    """Whatever comes, it is a message or an UnreadableRecordError."""
    for schema in SCHEMAS:
        try:
            message = decode(value, {"schema": schema, "version": "1"})
        except UnreadableRecordError:
            continue
        assert isinstance(message, SCHEMAS[schema])


def test_fields_of_a_newer_minor_version_are_passed_over() -> None:
    """Fields are only ever added, with defaults."""
    fields = msgspec.msgpack.decode(encode(transcript())) | {"mood": "cheerful"}
    assert decode(msgspec.msgpack.encode(fields), headers(transcript())) == transcript()


def test_every_message_is_described_as_json_schema() -> None:
    """By name, with its fields."""
    schemas = json_schemas()
    assert len(schemas["anyOf"]) == len(SCHEMAS)  # type: ignore[arg-type]
    assert "AudioChunk" in schemas["$defs"]  # type: ignore[operator]
