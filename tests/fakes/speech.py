"""Voices as a synthesizer would send them."""

from media_server.utterance import Utterance
from pipeline.messages import Speech
from tests.fakes.clock import EPOCH_MS


def utterance(name: str = "u1", *, speaker_id: str = "ann", number: int = 1, ended: bool = True) -> Utterance:
    """One whose audio ended as the clock of the tests began."""
    made = Utterance(utterance_id=name, speaker_id=speaker_id, number=number, started_at_ms=EPOCH_MS - 1_000)
    if ended:
        end(made)
    return made


def end(which: Utterance, confirms: int = 0, at_ms: int = EPOCH_MS) -> None:
    """Let the segmenter end it."""
    which.ended_at_ms = which.speech_ended_at_ms = at_ms
    which.confirms = confirms


def record(
    of: Utterance,
    clause: int = 0,
    index: int = 0,
    *,
    packets: int = 2,
    end: bool = False,
    last: bool = False,
    revision: int = 0,
    speculative: bool = False,
    skipped: bool = False,
    language: str = "es",
    ended_at_ms: int = EPOCH_MS,
    room_id: str = "hall",
) -> Speech:
    """One record; its payloads say where they belong: b"u1/0.r0/1.0" is the first packet of record 1 of clause 0."""
    name = f"{of.utterance_id}/{clause}.r{revision}/{index}"
    return Speech(
        room_id=room_id,
        user_id=of.speaker_id,
        sequence_number=1,
        utterance_id=of.utterance_id,
        packets=() if skipped else tuple(f"{name}.{place}".encode() for place in range(packets)),
        language=language,
        clause=clause,
        revision=revision,
        index=index,
        packets_before=index * packets,
        clause_end=end or skipped,
        last=last,
        speculative=speculative,
        ended_at_ms=ended_at_ms,
        skipped=skipped,
    )


def clause(of: Utterance, number: int = 0, *, records: int = 2, packets: int = 2, **fields: object) -> list[Speech]:
    """All records of a clause; `last` marks its last one."""
    last = fields.pop("last", False)
    made = []
    for index in range(records):
        ends = index == records - 1
        made.append(record(of, number, index, packets=packets, end=ends, last=bool(last) and ends, **fields))  # type: ignore[arg-type]
    return made
