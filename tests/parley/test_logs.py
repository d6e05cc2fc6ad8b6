"""Logs: lines for people and for machines, and nothing in them that opens a door."""

import io
import json
import logging
import re
import time
from collections.abc import Callable, Iterator

import pytest
import structlog

from parley.logs import configure, errors
from parley.settings import LogSettings

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"  # noqa: S105 - made up


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def test_a_line_for_people_has_time_level_event_and_fields(stream: io.StringIO) -> None:
    """The time is ISO in UTC; what holds spaces is quoted."""
    configure(LogSettings(), stream)
    structlog.get_logger("room").info("room_opened", room_id="x", note='a "b"', took_ms=1.25, languages=["en", "es"])
    line = stream.getvalue()
    assert line.split()[0].endswith("Z")
    assert line.split()[1:3] == ["info", "room_opened"]
    assert 'room_id=x note="a \\"b\\"" took_ms=1.250 languages=en,es' in line


def test_a_line_for_machines_is_one_object(stream: io.StringIO) -> None:
    """Fields keep their kinds."""
    configure(LogSettings(format="json"), stream)
    structlog.get_logger("room").warning("late", by_ms=7)
    record = json.loads(stream.getvalue())
    assert (record["event"], record["level"], record["by_ms"]) == ("late", "warning", 7)


def test_what_is_less_important_than_the_level_is_not_told(stream: io.StringIO) -> None:
    """Debug is silent at info."""
    configure(LogSettings(), stream)
    structlog.get_logger("room").debug("detail")
    assert stream.getvalue() == ""


def test_libraries_speak_in_the_same_form(stream: io.StringIO) -> None:
    """What comes by way of the standard library's logging is a line like the others."""
    configure(LogSettings(format="json"), stream)
    logging.getLogger("somewhere").error("went wrong: %s", "why")
    assert json.loads(stream.getvalue())["event"] == "went wrong: why"


def test_errors_are_counted(stream: io.StringIO) -> None:
    """Whoever logs them, and whatever the level is; nothing less than an error."""
    configure(LogSettings(level="error"), stream)
    before = errors()
    structlog.get_logger("room").error("failed")
    logging.getLogger("somewhere").critical("went wrong")
    structlog.get_logger("room").info("opened")
    assert errors() - before == 2
    assert len(stream.getvalue().splitlines()) == 2


def test_talkative_libraries_are_quiet_at_info(stream: io.StringIO) -> None:
    """An ICE candidate pair is nobody's news."""
    configure(LogSettings(), stream)
    logging.getLogger("aioice.ice").info("Check CandidatePair")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "value",
    [
        "/ws/signaling/r?token=abcdef&x=1",
        "resume_token=abcdef",
        f"Bearer {TOKEN}",
        {"url": "wss://h/ws?token=abcdef"},
        ["api_key=abcdef"],
    ],
)
def test_what_opens_a_door_is_hidden(stream: io.StringIO, form: str, value: object) -> None:
    """Tokens in query strings, and tokens anywhere, never reach the log."""
    configure(LogSettings(format=form), stream)  # type: ignore[arg-type]
    structlog.get_logger("door").info("request", what=value)
    assert "abcdef" not in stream.getvalue()
    assert TOKEN not in stream.getvalue()
    assert "(hidden)" in stream.getvalue()


def test_what_opens_a_door_is_hidden_in_events_of_libraries_and_in_tracebacks(stream: io.StringIO) -> None:
    """Wherever it stands."""
    configure(LogSettings(), stream)
    try:
        raise ValueError("cannot fetch http://h/?token=abcdef")
    except ValueError:
        logging.getLogger("somewhere").exception("failed with ?secret=abcdef")
    assert "Traceback" in stream.getvalue()
    assert "abcdef" not in stream.getvalue()


def test_configuring_again_replaces(stream: io.StringIO) -> None:
    """No line is told twice."""
    configure(LogSettings(), io.StringIO())
    configure(LogSettings(), stream)
    structlog.get_logger("room").info("once")
    assert stream.getvalue().count("once") == 1


class Costly:
    """Counts how often it is made a text."""

    def __init__(self) -> None:
        self.made = 0

    def __str__(self) -> str:
        self.made += 1
        return "costly"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self)


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_not_told_is_not_formatted(stream: io.StringIO, form: str) -> None:
    """A debug line costs a call that returns at once: no processor runs, no field is looked at."""
    configure(LogSettings(format=form), stream)  # type: ignore[arg-type]
    costly = Costly()
    for log in (structlog.get_logger("room"), structlog.get_logger("room").bind(room_id="x")):
        log.debug("detail", what=costly, several=[costly])
    assert (costly.made, stream.getvalue()) == (0, "")
    structlog.get_logger("room").info("told", what=costly)
    assert costly.made > 0


def test_a_debug_line_that_is_not_told_takes_no_time(stream: io.StringIO) -> None:
    """Bound as a module's is, far less than one that is told: 20,000 of them would not hold up a packet."""
    configure(LogSettings(), stream)
    log = structlog.get_logger("room").bind()

    def cost(write: Callable[..., object], count: int) -> float:
        began = time.process_time()
        for _ in range(count):
            write("detail", room_id="x", took_ms=1)
        return (time.process_time() - began) / count

    assert cost(log.debug, 20_000) < cost(log.info, 500) / 10


@pytest.mark.parametrize(("ids", "written"), [("full", "p-0123456789abcdef"), ("short", "p-01..cdef"), ("hashed", "#")])
def test_ids_are_written_as_is_set(stream: io.StringIO, ids: str, written: str) -> None:
    """Also those of libraries' records, and whoever chose them."""
    configure(LogSettings(ids=ids), stream)  # type: ignore[arg-type]
    structlog.get_logger("room").info("joined", participant_id="p-0123456789abcdef")
    assert f"participant_id={written}" in stream.getvalue()
    assert ("p-0123456789abcdef" in stream.getvalue()) == (ids == "full")


@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_writes_a_line_of_their_own(stream: io.StringIO, form: str) -> None:
    """Neither by an id, nor by an error's words, nor through a library."""
    configure(LogSettings(format=form), stream)  # type: ignore[arg-type]
    forged = "x\n2026-01-01T00:00:00Z error forged\r\u2028{}"
    structlog.get_logger("room").info("opened", room_id=forged, why=forged)
    logging.getLogger("somewhere").warning("of %s", forged)
    try:
        raise ValueError(forged)
    except ValueError:
        structlog.get_logger("room").exception("failed")
    lines = stream.getvalue().splitlines()
    if form == "json":
        assert [json.loads(line)["event"][:6] for line in lines] == ["opened", "of x?2", "failed"]
    else:
        assert [line.split()[2] for line in lines if not line.startswith("    ")] == ["opened", "of", "failed"]


def test_a_hash_is_keyed(stream: io.StringIO) -> None:
    """Who has the log and not the key cannot try ids out."""
    for key in ("", "one", "two"):
        configure(LogSettings(ids="hashed", id_key=key), stream)
        structlog.get_logger("room").info("opened", room_id="x")
    assert len(set(re.findall(r"room_id=(#\w+)", stream.getvalue()))) == 3
    assert "one" not in repr(LogSettings(id_key="one"))
