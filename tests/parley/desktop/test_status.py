"""The line below the captions."""

from parley.desktop.status import NOTE_S, Status


def test_it_begins_with_connecting_and_ends_with_silence() -> None:
    """All is well: nothing is said."""
    status = Status()
    assert status.words(0) == "Connecting ..."
    status.trouble("captions", "")
    assert status.words(0) == ""


def test_the_connection_is_worth_saying_before_the_microphone() -> None:
    """One thing at a time."""
    status = Status()
    status.trouble("microphone", "No sound")
    status.trouble("captions", "Lost")
    assert status.words(0) == "Lost"
    status.trouble("captions", "")
    assert status.words(0) == "No sound"


def test_a_note_is_shown_for_a_moment() -> None:
    """And says when it goes."""
    status = Status()
    status.trouble("captions", "")
    status.note("Listening.", 100)
    assert status.words(101) == "Listening."
    assert status.changes_in(101) == NOTE_S - 1
    assert status.words(100 + NOTE_S) == ""
    assert status.changes_in(100 + NOTE_S) is None


def test_trouble_is_worth_more_than_a_note() -> None:
    """What was to know is old then."""
    status = Status()
    status.note("Listening.", 100)
    status.trouble("captions", "Lost")
    assert status.words(101) == "Lost"


def test_a_pause_is_not_forgotten() -> None:
    """Whoever wonders why nothing comes reads it."""
    status = Status()
    status.trouble("captions", "")
    status.is_paused = True
    assert "resume" in status.words(0)
