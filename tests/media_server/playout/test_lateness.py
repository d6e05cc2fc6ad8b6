"""Whether voices come in time at all."""

from media_server.playout.lateness import Lateness


def test_one_missed_utterance_is_not_late() -> None:
    """Several clauses of one utterance count once."""
    lateness = Lateness(2)
    assert not lateness.missed("u1")
    assert not lateness.missed("u1")
    assert not lateness.late


def test_utterances_missed_in_a_row_are_late() -> None:
    """The second utterance without a voice makes it late, and says so once."""
    lateness = Lateness(2)
    lateness.missed("u1")
    assert lateness.missed("u2")
    assert not lateness.missed("u3")
    assert lateness.late


def test_voice_in_time_ends_it() -> None:
    """One voice in time starts the count anew."""
    lateness = Lateness(2)
    lateness.missed("u1")
    assert not lateness.came()
    assert not lateness.missed("u2")
    lateness.missed("u3")
    assert lateness.came()
    assert not lateness.late
