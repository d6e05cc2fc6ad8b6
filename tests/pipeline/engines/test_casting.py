"""Who speaks in which voice."""

from collections import Counter

from pipeline.engines.casting import cast

VOICES = ("ana", "blas", "carmen", "diego", "elena")


def test_everybody_keeps_their_voice() -> None:
    """Whatever the order in which the voices are found."""
    for number in range(50):
        assert cast(f"user{number}", VOICES) == cast(f"user{number}", reversed(VOICES))


def test_voices_are_spread_evenly() -> None:
    """No two people of a small room need sound the same more often than chance has it."""
    drawn = Counter(cast(f"user{number}", VOICES) for number in range(1_000))
    assert set(drawn) == set(VOICES)
    assert max(drawn.values()) < 260


def test_only_who_is_concerned_changes() -> None:
    """A voice that comes takes over its own, one that goes gives its own away."""
    for number in range(300):
        before, after = cast(f"user{number}", VOICES), cast(f"user{number}", VOICES[:-1])
        assert after == before or before == VOICES[-1]


def test_any_name_can_be_cast() -> None:
    """Also one that no text can hold."""
    assert cast("\ud800", ["one"]) == "one"
