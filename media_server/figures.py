"""What the ledger knows of an utterance: when it passed each stage. Times and ids, never words."""

import msgspec

from pipeline.messages import Times


class SpokenClause(msgspec.Struct, frozen=True, kw_only=True):
    """A clause whose voice was heard. All in epoch milliseconds, None where nobody said."""

    clause: int
    # Of its audio.
    ended_at_ms: int
    recognised_at_ms: int | None
    translated_at_ms: int | None
    synthesised_at_ms: int | None
    # Its first record came back to the node.
    arrived_at_ms: int | None
    first_packet_at_ms: int
    # It began to sound, as listeners' pages say it: the median of them, and how many said so.
    heard_at_ms: int | None = None
    ears: int = 0
    # When it came to each stage and left it.
    times: Times


class VoiceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance in one language."""

    language: str
    # In the order heard.
    clauses: tuple[SpokenClause, ...]
    # Clauses not heard, or not wholly, by reason.
    lost: dict[str, int]


class UtteranceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance's way through the system. All in epoch milliseconds, None where it did not get so far."""

    room_id: str
    speaker_id: str
    utterance_id: str
    # Spoken: as recognised, else as the speaker said.
    language: str
    started_at_ms: int
    # The last speech in it, and when the node had decided that it was the last.
    speech_ended_at_ms: int | None
    ended_at_ms: int | None
    # The last clause became final.
    recognised_at_ms: int | None
    # Clauses with words in them, and the number of the last of these.
    clauses: int
    last_clause: int | None
    voices: tuple[VoiceFigures, ...]


def since(start: int | None, end: int | None) -> int | None:
    """Give the time between two, if both are known."""
    return None if start is None or end is None else end - start


def _hops(clause: SpokenClause) -> dict[str, int | None]:
    """Say how long a clause was on the bus before each stage, and before the node had it back."""
    times = clause.times
    return {
        "recognition": since(times.captured_at_ms, times.recognition_in_ms),
        "translation": since(times.recognition_out_ms, times.translation_in_ms),
        "synthesis": since(times.translation_out_ms, times.synthesis_in_ms),
        "node": since(times.synthesis_out_ms, clause.arrived_at_ms),
    }


def line_of(figures: UtteranceFigures) -> dict[str, object]:
    """Give the log line's fields: ids, and times counted in ms from the end of the speech."""
    start = figures.speech_ended_at_ms
    voices = {}
    for voice in figures.voices:
        last = voice.clauses[-1] if voice.clauses else None
        voices[voice.language] = {
            "clauses": len(voice.clauses),
            "lost": voice.lost,
            "translated_ms": since(start, last.translated_at_ms) if last else None,
            "synthesised_ms": since(start, last.synthesised_at_ms) if last else None,
            "arrived_ms": since(start, last.arrived_at_ms) if last else None,
            "hops_ms": _hops(last) if last else None,
            "first_packet_ms": since(start, last.first_packet_at_ms) if last else None,
            "heard_ms": since(start, last.heard_at_ms) if last else None,
        }
    return {
        "room_id": figures.room_id,
        "speaker_id": figures.speaker_id,
        "utterance_id": figures.utterance_id,
        "language": figures.language,
        "duration_ms": since(figures.started_at_ms, start),
        "clauses": figures.clauses,
        "ended_ms": since(start, figures.ended_at_ms),
        "recognised_ms": since(start, figures.recognised_at_ms),
        "voices": voices,
    }
