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


def usage(log_lines: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    names = ("room_id", "stage", "engine", "pair", "clauses", "seconds", "characters")
    return [tuple(line[name] for name in names) for line in log_lines if line["event"] == "room_usage"]


def test_what_engines_did_for_a_room_is_told_when_it_is_over(log_lines: list[dict[str, Any]]) -> None:
    """Seconds heard, characters translated, seconds and characters spoken; by engine and languages."""
    books = ledger()
    books.note(replace(transcript("one", final=True), heard_ms=1_500, engine="ears"))
    books.note(replace(transcript("two", clause=1, final=True, last=True), heard_ms=4_000, engine="ears"))
    books.note(replace(translation("uno", final=True), engine="words"))
    for record in (speech(0), replace(speech(1, packets=8, end=True), characters=3)):
        books.note(record)
    books.close()
    assert usage(log_lines) == [
        ("room", "recognition", "ears", "en>", 2, 4.0, 0),
        ("room", "translation", "words", "en>es", 1, 0.0, 5),
        ("room", "synthesis", "scripted", ">es", 1, 0.2, 3),
    ]


def test_what_is_given_out_again_from_memory_is_counted_once(log_lines: list[dict[str, Any]]) -> None:
    """A speculation that turned out right; another text in its place is more work."""
    books = ledger()
    for said in (translation("uno", speculative=True), translation("uno", final=True), translation("dos", final=True)):
        source = "other" if said.payload == "dos" else said.source_text
        books.note(replace(said, engine="words", source_text=source))
    for revision in (1, 2):
        books.note(replace(speech(0, packets=8, end=True), characters=3, revision=revision))
    books.close()
    assert [line[4] for line in usage(log_lines)] == [2, 1]


def test_tombstones_are_no_usage(log_lines: list[dict[str, Any]]) -> None:
    """Nobody did anything."""
    books = ledger()
    books.note(replace(transcript("", final=True, skipped=True, reason="late"), heard_ms=900))
    books.note(replace(translation("", final=True, skipped=True, reason="late"), engine="words"))
    books.note(replace(speech(0, packets=0, end=True), skipped=True))
    books.close()
    assert usage(log_lines) == []


def test_languages_that_the_engine_does_not_list_share_a_label() -> None:
    """So that there are no more labels than it has languages; dialects count as theirs."""
    books = ledger()
    other, spanish = seconds("translation", "other", "other"), seconds("translation", "en", "es")
    books.note(replace(translation("x", final=True), times=TIMES, engine="scripted", language="fi"))
    books.note(replace(translation("x", final=True), times=TIMES, engine="scripted", language="es-MX"))
    assert seconds("translation", "other", "other") > other
    assert seconds("translation", "en", "es") > spanish
