"""Who speaks in which voice."""

from collections import Counter

from pipeline.engines.casting import cast

STOCK = ("alloy", "ash", "coral", "echo", "fable")
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


def test_everybody_keeps_a_voice() -> None:
    """The same for the same person, whatever their id holds."""
    for seed in ("anna", "", "\ud800", "名前"):
        assert cast(seed, STOCK) == cast(seed, STOCK)
        assert cast(seed, STOCK) in STOCK


def test_the_whole_stock_is_used() -> None:
    """About equally."""
    drawn = Counter(cast(f"person {n}", STOCK) for n in range(1_000))
    assert min(drawn.values()) > 150
    assert set(drawn) == set(STOCK)


def test_a_new_voice_changes_only_those_who_get_it() -> None:
    """All others sound as they did."""
    people = [f"person {n}" for n in range(200)]
    before, after = ({seed: cast(seed, stock) for seed in people} for stock in (STOCK, (*STOCK, "nova")))
    assert {after[seed] for seed in people if after[seed] != before[seed]} == {"nova"}


def test_without_a_stock_there_is_none() -> None:
    """The provider chooses."""
    assert cast("anna", ()) == ""


def test_any_name_can_be_cast() -> None:
    """Also one that no text can hold."""
    assert cast("\ud800", ["one"]) == "one"
