"""What the ledger knows of an utterance, as a line."""

import msgspec

from media_server.figures import SpokenClause, UtteranceFigures, VoiceFigures, line_of, since
from pipeline.messages import Times


def figures(*clauses: SpokenClause) -> UtteranceFigures:
    return UtteranceFigures(
        room_id="hall",
        speaker_id="ann",
        utterance_id="u1",
        language="en",
        started_at_ms=0,
        speech_ended_at_ms=1_000,
        ended_at_ms=1_400,
        recognised_at_ms=1_410,
        clauses=len(clauses),
        last_clause=len(clauses) - 1 if clauses else None,
        voices=(VoiceFigures(language="es", clauses=clauses, lost={}),),
    )


CLAUSE = SpokenClause(
    clause=0,
    ended_at_ms=1_000,
    recognised_at_ms=1_410,
    translated_at_ms=1_415,
    synthesised_at_ms=1_450,
    arrived_at_ms=1_455,
    first_packet_at_ms=1_456,
    times=Times(),
)


def test_times_are_counted_from_the_end_of_speech() -> None:
    """Those of the last clause, when it was heard included, if anybody said so."""
    heard = msgspec.structs.replace(CLAUSE, heard_at_ms=1_590, ears=2)
    assert line_of(figures(CLAUSE, heard))["voices"]["es"]["heard_ms"] == 590  # type: ignore[index]
    assert line_of(figures(CLAUSE))["voices"]["es"]["heard_ms"] is None  # type: ignore[index]


def test_what_is_not_known_stays_unknown() -> None:
    """Nothing is made up."""
    assert since(None, 5) is since(5, None) is None
    voice = line_of(figures())["voices"]["es"]  # type: ignore[index]
    assert {voice["first_packet_ms"], voice["hops_ms"], voice["heard_ms"]} == {None}
