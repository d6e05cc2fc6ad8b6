"""Who is talking, as the room is told."""

from media_server.active_speakers import ActiveSpeakers


def test_only_changes_are_told() -> None:
    """The same people talking is no news, whatever their levels."""
    active = ActiveSpeakers(0.25)
    assert active.update({"ann": -30.0}, 0.0) == ("ann",)
    assert active.update({"ann": -20.0}, 1.0) is None
    assert list(active.told) == ["ann"]
    assert active.update({}, 2.0) == ()
    assert list(active.told) == []


def test_loudest_first() -> None:
    """Whoever is loudest leads."""
    assert ActiveSpeakers(0.25).update({"ann": -40.0, "bob": -20.0}, 0.0) == ("bob", "ann")


def test_not_more_often_than_the_interval() -> None:
    """A change within 250 ms of the last one waits, and is told then if it still holds."""
    active = ActiveSpeakers(0.25)
    active.update({"ann": -30.0}, 0.0)
    assert active.update({"ann": -30.0, "bob": -30.0}, 0.1) is None
    assert active.update({"ann": -30.0, "bob": -30.0}, 0.26) == ("ann", "bob")
