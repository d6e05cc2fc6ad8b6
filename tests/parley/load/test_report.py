"""What became of a run."""

import json

from parley.load.diary import Diary
from parley.load.distribution import Distribution
from parley.load.report import LoadReport, as_json, as_table, report
from tests.parley.load.people import PLAN, caption, heard, seat, speech, turn


def run(diary: Diary, **fields: object) -> LoadReport:
    more = {"wanted": 3, "seconds": 30.0, "stopped": False, "stages": {}, **fields}
    return report(PLAN, diary, **more)  # type: ignore[arg-type]


def busy() -> Diary:
    """Give one of three people: Ann says something, Bob hears and reads it, Cat reads it."""
    diary = Diary()
    people = [seat(0), seat(1), seat(2)]
    for each in people:
        diary.joined(each, 0.25)
    # Its words end at 12.0.
    diary.begins(turn(people[0], speech(3.0, "good morning")), "ann", 10.0)
    diary.heard(people[1], heard("ann", 12.5, sequence=1))
    diary.heard(people[1], heard("ann", 12.6, sequence=3))
    for each in people[1:]:
        diary.read(each, caption("ann", "good", final=False), 11.5)
        diary.read(each, caption("ann", "good evening"), 12.3)
    diary.errors["call: BrokenError 1006"] += 1
    return diary


def test_a_run_is_added_up() -> None:
    """Three of the four things that were due came."""
    found = run(busy())
    assert (found.turns, found.delivered) == (1, 0.75)
    assert (found.joins.made, found.joins.wanted, found.joins.took.p50_ms) == (3, 3, 250.0)
    assert (found.voice.came, found.voice.due, found.voice.latency.p50_ms) == (1, 2, 500.0)
    assert (found.caption.came, found.caption.due, found.caption.latency.p50_ms) == (2, 2, 300.0)
    assert found.first_caption.p50_ms == 500.0
    assert (found.word_error_rate, found.words) == (0.5, 2)
    assert (found.frames, found.frames_lost) == (2, 1)
    assert found.errors == {"call: BrokenError 1006": 1}


def test_nothing_due_is_not_everything_delivered() -> None:
    """A run in which nobody came says so."""
    found = run(Diary())
    assert found.delivered is None
    assert "nothing was due" in as_table(found)


def test_an_original_in_place_of_a_voice_is_counted() -> None:
    """It is not delivered, but nobody sat in silence."""
    diary = busy()
    diary.heard(seat(2), heard("ann", 11.0, kind="floor"))
    found = run(diary)
    assert (found.originals_instead, found.voice.came) == (1, 1)


def test_json_is_one_line_for_programs() -> None:
    """With the same numbers."""
    line = as_json(run(busy(), stages={"pipeline_stage.synthesis": Distribution(n=1, p50_ms=2.0)}))
    assert "\n" not in line
    found = json.loads(line)
    assert (found["delivered"], found["voice"]["latency"]["p95_ms"]) == (0.75, 500.0)
    assert found["stages"]["pipeline_stage.synthesis"]["p50_ms"] == 2.0


def test_the_table_is_for_people() -> None:
    """What came of what was due, and how late; then what went wrong."""
    text = as_table(run(busy(), stopped=True, stages={"pipeline": Distribution(n=4, p50_ms=7.0)}))
    rows = {line.rpartition("  ")[0].split("  ")[0]: line.split() for line in text.splitlines() if line}
    assert rows["voice"] == ["voice", "1", "2", "500", "500", "500"]
    assert rows["server: pipeline"][:3] == ["server:", "pipeline", "4"]
    assert "(stopped): delivered 75.00%" in text
    assert "50.0% of 2 words were heard wrongly" in text
    assert "1 x call: BrokenError 1006" in text
