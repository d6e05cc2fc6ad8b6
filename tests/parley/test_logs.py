"""Logs: lines for people and for machines, and nothing in them that opens a door."""

import io
import json
import logging
from collections.abc import Iterator

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
