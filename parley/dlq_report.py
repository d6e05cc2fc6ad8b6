"""Dead letters as people and programs read them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from parley.dlq import Entry
from parley.table import table
from pipeline.messages import AudioChunk, DeadLetter, Message, Said, Transcript, Translation
from pipeline.messages.codec import UnreadableRecordError, decode
from pipeline.messages.dead_letter import DamagedLetterError

_HEAD = ("ID", "FAILED", "STAGE", "ROOM", "ERROR", "TRIES", "BYTES", "ORIGINAL")


def render(found: list[Entry]) -> str:
    """Set letters in a table, one a line."""
    return table(_HEAD, [_row(entry) for entry in found])


def as_document(entry: Entry) -> dict[str, Any]:
    """Describe a letter for programs; `failed_at` is ISO 8601."""
    described = asdict(entry)
    described["place"] = dict(entry.place._asdict())
    return {**described, "failed_at": _time(entry.first_failed_at_ms)}


def whole_document(entry: Entry, letter: DeadLetter, *, with_text: bool = False) -> dict[str, Any]:
    """Describe a letter with its originals: what they are, how large, whose; with what was said only if asked for."""
    return {**as_document(entry), "originals": _originals(letter, with_text)}


def _row(entry: Entry) -> tuple[str, ...]:
    original = f"{entry.original_topic}/{entry.original_partition}/{entry.original_offset}"
    failed, tries = _time(entry.first_failed_at_ms), str(entry.attempts)
    return (entry.id, failed, entry.stage, entry.room_id, entry.error, tries, str(entry.bytes), original)


def _time(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000).astimezone().isoformat(timespec="seconds")


def _originals(letter: DeadLetter, with_text: bool) -> list[dict[str, Any]]:
    try:
        values = letter.records()
    except DamagedLetterError as error:
        return [{"damaged": str(error)}]
    return [_original(value, letter.original_headers, with_text) for value in values]


def _original(value: bytes, headers: dict[str, str], with_text: bool) -> dict[str, Any]:
    size = {"bytes": len(value)}
    try:
        message = decode(value, headers)
    except UnreadableRecordError as error:
        return {**size, "unreadable": error.why, "begins_with": value[:32].hex(" ")}
    return {**size, **_described(message, with_text)}


def _described(message: Message, with_text: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": message.SCHEMA}
    if isinstance(message, Said):
        described |= {"sequence_number": message.sequence_number, "utterance_id": message.utterance_id}
    if isinstance(message, AudioChunk):
        described |= {"language": message.language, "start_ms": message.start_ms, "end_ms": message.end_ms}
    if isinstance(message, Transcript | Translation):
        described |= {"language": message.language, "clause": message.clause, "revision": message.revision}
        described |= {"text": message.payload} if with_text else {"characters": len(message.payload)}
    return described
