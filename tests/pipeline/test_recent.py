"""A memory of bounded size."""

from pipeline.recent import Recent


def test_the_oldest_is_forgotten_when_it_is_full() -> None:
    """Setting something again makes it new."""
    recent: Recent[str, int] = Recent(2)
    recent.set("a", 1)
    recent.set("b", 2)
    recent.set("a", 3)
    assert recent.set("c", 4) == 4
    assert [recent.get(key) for key in "abc"] == [3, None, 4]
    assert ("a" in recent, "b" in recent, len(recent)) == (True, False, 2)


def test_an_entry_can_be_forgotten() -> None:
    """Twice is harmless."""
    recent: Recent[str, int] = Recent(2)
    recent.set("a", 1)
    recent.forget("a")
    recent.forget("a")
    assert "a" not in recent
