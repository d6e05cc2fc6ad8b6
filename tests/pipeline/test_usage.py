"""What engines did, counted."""

from typing import Any

from pipeline.usage import CHARACTERS, LONGEST_MS, QUIET_MS, ROWS, SECONDS, Doing, Usage

SPOKE = Doing("synthesis", "espeak", "", "es")
TRANSLATED = Doing("translation", "apertium", "en", "es")


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


def lines(log_lines: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    names = ("room_id", "stage", "engine", "pair", "clauses", "seconds", "characters")
    return [tuple(line[name] for name in names) for line in log_lines if line["event"] == "room_usage"]


def test_what_engines_do_is_counted_by_engine_and_languages() -> None:
    """Not by room: there are many of those."""
    seconds = SECONDS.labels(*SPOKE)._value.get()
    characters = CHARACTERS.labels(*SPOKE)._value.get()
    usage = Usage(Hands())
    usage.add("a", SPOKE, seconds=1.5, characters=20)
    usage.add("b", SPOKE, seconds=0.5, characters=10)
    assert SECONDS.labels(*SPOKE)._value.get() - seconds == 2.0
    assert CHARACTERS.labels(*SPOKE)._value.get() - characters == 30


def test_a_room_that_falls_quiet_has_a_line_for_each_engine(log_lines: list[dict[str, Any]]) -> None:
    """Once, with all that was done for it."""
    clock = Hands()
    usage = Usage(clock)
    usage.add("a", SPOKE, seconds=1.5, characters=20)
    usage.add("a", TRANSLATED, characters=20)
    clock.ms += QUIET_MS // 2
    usage.add("a", SPOKE, seconds=0.25, characters=5)
    usage.tick()
    assert not lines(log_lines)
    clock.ms += QUIET_MS
    usage.tick()
    usage.tick()
    assert lines(log_lines) == [
        ("a", "translation", "apertium", "en>es", 1, 0.0, 20),
        ("a", "synthesis", "espeak", ">es", 2, 1.75, 25),
    ]


def test_a_long_call_has_a_line_now_and_then(log_lines: list[dict[str, Any]]) -> None:
    """So that a crash does not cost an evening's figures; together they are all of it."""
    clock = Hands()
    usage = Usage(clock)
    for _ in range(25):
        usage.add("a", SPOKE, seconds=1.0)
        clock.ms += LONGEST_MS // 20
        usage.tick()
    assert [line[4] for line in lines(log_lines)] == [20]
    usage.close()
    usage.close()
    assert [line[4] for line in lines(log_lines)] == [20, 5]


def test_rooms_without_end_do_not_fill_the_memory(log_lines: list[dict[str, Any]]) -> None:
    """The sum that was added to longest ago is written early."""
    usage = Usage(Hands())
    for number in range(ROWS + 3):
        usage.add(str(number), SPOKE, seconds=1.0)
    assert [line[0] for line in lines(log_lines)] == ["0", "1", "2"]
