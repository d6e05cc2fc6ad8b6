"""What a field may say in the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.typing import EventDict

from parley.log_fields import LONGEST_ID, is_id, one_line, sanitize_for_log, sanitizing, trace_lines

ENDS_A_LINE = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
REORDERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


def sanitised(event: EventDict, **how: str) -> EventDict:
    return dict(sanitizing(how.get("form", "full"), how.get("key", "").encode())(None, "info", event))  # type: ignore[arg-type]


@pytest.mark.parametrize("character", [*ENDS_A_LINE, *REORDERS, "\0", "\x1b", "\x7f", "\ufeff", "\ud800", "\ue000"])
def test_what_is_not_printable_goes(character: str) -> None:
    """Line ends of every kind, terminal commands, overrides of the direction, halves of characters."""
    assert sanitize_for_log(f"a{character}b") == "a?b"
    assert one_line(f"a{character}b") == "a?b"


@given(st.text())
def test_whatever_comes_is_one_line(text: str) -> None:
    """Of bounded length, that can be written as UTF-8, and stays what it is when done again."""
    clean = one_line(text)
    assert len(clean.splitlines()) <= 1
    assert len(clean) <= 2_000
    clean.encode()
    assert one_line(clean) == clean


def test_an_id_is_cut() -> None:
    """Nobody's id is that long."""
    assert len(sanitize_for_log("x" * 10_000)) == LONGEST_ID


@pytest.mark.parametrize(
    ("text", "short"), [("p-41c8", "p-41c8"), ("p-41c8d2aa07be6a83-17", "p-41..3-17"), ("a\nb" * 9, "a?ba..ba?b")]
)
def test_short_keeps_both_ends(text: str, short: str) -> None:
    """Enough to tell a call's people apart."""
    assert sanitize_for_log(text, "short") == short


def test_hashed_says_who_is_the_same_and_not_who_it_is() -> None:
    """The same in every process with the same key."""
    hashed = sanitize_for_log("lucia", "hashed")
    assert hashed == sanitize_for_log("lucia", "hashed")
    assert len({hashed, sanitize_for_log("anna", "hashed"), sanitize_for_log("lucia", "hashed", b"key")}) == 3
    assert hashed[0] == "#"
    assert len(hashed) == 13
    assert "\n" not in sanitize_for_log("a\nb\ud800", "hashed")


@pytest.mark.parametrize("name", ["room_id", "participant_id", "speaker_id", "utterance_id", "token_id", "speaker_ids"])
def test_ids_of_what_comes_from_outside(name: str) -> None:
    """By the names of their fields; also several, also within others."""
    assert is_id(name)
    event = sanitised({name: "lucia", "more": {name: ["lucia", "anna"]}, "none_id": None}, form="hashed")
    hashed = sanitize_for_log("lucia", "hashed")
    assert event == {name: hashed, "more": {name: [hashed, sanitize_for_log("anna", "hashed")]}, "none_id": None}


@pytest.mark.parametrize("name", ["instance_id", "worker_id", "node_id", "languages", "id"])
def test_what_an_operator_must_find_stays(name: str) -> None:
    """This system's own parts."""
    assert not is_id(name)
    assert sanitised({name: "stt-1"}, form="hashed") == {name: "stt-1"}


def test_every_field_is_on_one_line() -> None:
    """Whatever it is, and however deep; what is no text stays."""
    event = sanitised({"event": "a\nb", "why": ["c\nd", {"e\n": ("f\u2028",)}], "count": 3, "ratio": 0.5, "is": True})
    assert event == {"event": "a?b", "why": ["c?d", {"e?": ["f?"]}], "count": 3, "ratio": 0.5, "is": True}


def test_a_traceback_keeps_its_lines_and_no_address() -> None:
    """Neither of IPv4 nor of IPv6; times and versions of three parts stay."""
    text = "Traceback\n  at 12:34:56\nOSError: 192.0.2.1:443 [2001:db8::1] ::1 1:2:3:4:5:6:7:8 v3.14.5\x1b[2J"
    assert trace_lines(text) == (
        "Traceback\n  at 12:34:56\nOSError: (address):443 [(address)] (address) (address) v3.14.5?[2J"
    )
    assert sanitised({"exception": "a\nb"}) == {"exception": "a\nb"}
