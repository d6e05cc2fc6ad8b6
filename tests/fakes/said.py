"""Texts as the workers would publish them, with what matters to a test given and the rest made up."""

import time

from pipeline.messages import Target, Transcript, Translation


def transcript(text: str, *, final: bool = True, utterance: str = "u1", clause: int = 0, **more: object) -> Transcript:
    """Give what was recognised of a speaker: `anna` in English, aimed at Spanish, in the room `demo` by default."""
    fields: dict[str, object] = {
        "room_id": "demo",
        "user_id": "anna",
        "sequence_number": 1,
        "language": "en",
        "targets": (Target("es"),),
        "ended_at_ms": int(time.time() * 1000),
    }
    return Transcript(payload=text, is_final=final, utterance_id=utterance, clause=clause, **{**fields, **more})  # type: ignore[arg-type]


def translation(
    text: str, source: str, *, final: bool = True, utterance: str = "u1", clause: int = 0, **more: object
) -> Translation:
    """Give a translation of what `anna` said, from English into Spanish if nothing else is said."""
    fields: dict[str, object] = {
        "room_id": "demo",
        "user_id": "anna",
        "sequence_number": 1,
        "language": "es",
        "source_language": "en",
        "ended_at_ms": int(time.time() * 1000),
    }
    return Translation(
        payload=text,
        source_text=source,
        is_final=final,
        utterance_id=utterance,
        clause=clause,
        **{**fields, **more},  # type: ignore[arg-type]
    )
