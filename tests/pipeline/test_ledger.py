"""A worker's books."""

from typing import Any

from msgspec.structs import replace

from pipeline.ledger import Ledger
from pipeline.messages import Speech, Times
from pipeline.metrics import STAGE_SECONDS
from pipeline.stage import Condition
from tests.fakes.virtual_time import EPOCH_MS
from tests.pipeline.support import transcript, translation

CONDITION = Condition("scripted", languages=("en", "es"), pairs=(("en", "es"),))
TIMES = Times(
    recognition_in_ms=EPOCH_MS + 100,
    recognition_out_ms=EPOCH_MS + 150,
    translation_in_ms=EPOCH_MS + 160,
    translation_out_ms=EPOCH_MS + 190,
    synthesis_in_ms=EPOCH_MS + 200,
    synthesis_out_ms=EPOCH_MS + 240,
)


def ledger() -> Ledger:
    return Ledger(lambda: CONDITION)


def speech(index: int, *, packets: int = 2, end: bool = False) -> Speech:
    return Speech(
        room_id="room",
        user_id="ann",
        sequence_number=1,
        utterance_id="u1",
        times=replace(TIMES, synthesis_out_ms=EPOCH_MS + 240 + index * 60),
        packets=tuple(b"p" for _ in range(packets)),
        language="es",
        clause=0,
        index=index,
        clause_end=end,
        ended_at_ms=EPOCH_MS,
        engine="scripted",
    )


def seconds(stage: str, source: str, target: str, engine: str = "scripted") -> float:
    return float(STAGE_SECONDS.labels(stage, engine, source, target)._sum.get())


def test_a_clause_that_was_spoken_is_one_line_with_its_whole_way(log_lines: list[dict[str, Any]]) -> None:
    """However many records it took; times count from the end of its sound; there is no text in it."""
    books = ledger()
    for record in (speech(0), speech(1, packets=10), speech(2, packets=1, end=True)):
        books.note(record)
    (line,) = log_lines
    assert (line["event"], line["stage"], line["pair"], line["packets"]) == ("clause_done", "synthesis", ">es", 13)
    assert (line["utterance_id"], line["clause"], line["engine"]) == ("u1", 0, "scripted")
    assert (line["first_ms"], line["took_ms"]) == (40, 160)
    assert (line["recognised_ms"], line["translated_ms"], line["spoken_ms"]) == (150, 190, 360)


def test_texts_are_told_when_they_are_final_or_translated_ahead(log_lines: list[dict[str, Any]]) -> None:
    """Interim text is not; nor is what was said."""
    books = ledger()
    books.note(replace(transcript("secret"), times=TIMES))
    books.note(replace(transcript("secret", speculative=True), times=TIMES))
    books.note(replace(transcript("secret", final=True), times=TIMES))
    books.note(replace(translation("secret", speculative=True), times=TIMES))
    assert [(line["stage"], line["pair"], line["took_ms"]) for line in log_lines] == [
        ("recognition", "en>", 50),
        ("translation", "en>es", 30),
    ]
    assert "secret" not in repr(log_lines)


def test_a_tombstone_is_told_with_its_reason_and_not_measured(log_lines: list[dict[str, Any]]) -> None:
    """It took nobody any time."""
    before = seconds("translation", "en", "es")
    ledger().note(replace(translation("", final=True, skipped=True, reason="late"), times=TIMES))
    assert [(line["event"], line["reason"]) for line in log_lines] == [("clause_skipped", "late")]
    assert seconds("translation", "en", "es") == before


def test_times_are_measured_by_stage_engine_and_pair() -> None:
    """At synthesis what counts is the first packets."""
    books = ledger()
    spoken, translated = seconds("synthesis", "", "es"), seconds("translation", "en", "es")
    for record in (speech(0), speech(1, end=True)):
        books.note(record)
    books.note(replace(translation("hola", final=True), times=TIMES, engine="scripted"))
    assert round(seconds("synthesis", "", "es") - spoken, 3) == 0.04
    assert round(seconds("translation", "en", "es") - translated, 3) == 0.03


def test_languages_that_the_engine_does_not_list_share_a_label() -> None:
    """So that there are no more labels than it has languages; dialects count as theirs."""
    books = ledger()
    other, spanish = seconds("translation", "other", "other"), seconds("translation", "en", "es")
    books.note(replace(translation("x", final=True), times=TIMES, engine="scripted", language="fi"))
    books.note(replace(translation("x", final=True), times=TIMES, engine="scripted", language="es-MX"))
    assert seconds("translation", "other", "other") > other
    assert seconds("translation", "en", "es") > spanish
