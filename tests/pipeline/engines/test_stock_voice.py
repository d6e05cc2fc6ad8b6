from collections import Counter

from pipeline.engines.stock_voice import stock_voice

STOCK = ("alloy", "ash", "coral", "echo", "fable")


def test_everybody_keeps_a_voice() -> None:
    """The same for the same person, whatever their id holds."""
    for seed in ("anna", "", "\ud800", "名前"):
        assert stock_voice(seed, STOCK) == stock_voice(seed, STOCK)
        assert stock_voice(seed, STOCK) in STOCK


def test_the_whole_stock_is_used() -> None:
    """About equally."""
    drawn = Counter(stock_voice(f"person {n}", STOCK) for n in range(1_000))
    assert min(drawn.values()) > 150
    assert set(drawn) == set(STOCK)


def test_a_new_voice_changes_only_those_who_get_it() -> None:
    """All others sound as they did."""
    people = [f"person {n}" for n in range(200)]
    before, after = ({seed: stock_voice(seed, stock) for seed in people} for stock in (STOCK, (*STOCK, "nova")))
    assert {after[seed] for seed in people if after[seed] != before[seed]} == {"nova"}


def test_without_a_stock_there_is_none() -> None:
    """The provider chooses."""
    assert stock_voice("anna", ()) == ""
