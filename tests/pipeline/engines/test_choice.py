"""Which engine does what."""

import pytest

from pipeline.engines.choice import choose, rank, wanted_engines
from pipeline.engines.engine import EngineInfo, EngineUnavailableError, UnknownEngineError
from pipeline.engines.listing import ListedEngine
from pipeline.engines.registry import EngineFile

Pair = tuple[str, str]


def listed(name: str, quality: int, *pairs: Pair, why: str = "", remedy: str = "") -> ListedEngine:
    info = EngineInfo(name, "translation", "MIT", "MIT", "in process", False, 1, quality=quality)
    file = EngineFile("translation", name, f"engines.{name}")
    return ListedEngine(file, info, pairs=frozenset(pairs), why=why, remedy=remedy)


GOOD = listed("good", 50, ("en", "es"), ("en", "fr"))
PLAIN = listed("plain", 10, ("en", "es"), ("en", "ca"))
GONE = listed("gone", 90, why="there is no key", remedy="set one")
ALL = (GONE, GOOD, PLAIN)


def picked(setting: str, engines: tuple[ListedEngine, ...] = ALL) -> dict[Pair, str]:
    ranked = rank(engines, setting)
    abilities = {pair for engine in ranked for pair in engine.pairs}
    return {pair: choice.engine for choice in choose(engines, ranked, abilities) for pair in choice.abilities}


def test_auto_picks_the_best_that_works_for_each_pair() -> None:
    """The better engine where it can, the other where only that one can, the missing one nowhere."""
    assert picked("auto") == {("en", "es"): "good", ("en", "fr"): "good", ("en", "ca"): "plain"}


def test_a_name_is_taken_at_its_word() -> None:
    """Only the named engine serves, even if another is better."""
    assert picked("plain") == {("en", "es"): "plain", ("en", "ca"): "plain"}


def test_several_names_are_an_order() -> None:
    """The first is asked wherever it can."""
    assert picked("plain, good") == {("en", "es"): "plain", ("en", "ca"): "plain", ("en", "fr"): "good"}


def test_a_name_that_does_not_exist_is_an_error() -> None:
    """The remedy names those that do."""
    with pytest.raises(UnknownEngineError, match=r"no engine 'bad' here: use auto, or one of gone, good, plain"):
        rank(ALL, "bad")


def test_a_name_that_does_not_work_is_an_error() -> None:
    """Nobody falls back silently from what was asked for."""
    with pytest.raises(EngineUnavailableError, match="gone: there is no key: set one"):
        rank(ALL, "gone,good")


def test_every_choice_says_why_and_what_was_passed_over() -> None:
    """For people: the reason, and what would make it better."""
    ranked = rank(ALL, "auto")
    stories = {str(choice) for choice in choose(ALL, ranked, [("en", "es"), ("en", "fr"), ("en", "ca")])}
    assert stories == {
        "good: the best that works here; not gone: there is no key (set one); not plain: it comes after it",
        "good: only good does it here; not gone: there is no key (set one)",
        "plain: only plain does it here; not gone: there is no key (set one)",
    }


def test_equals_are_ordered_by_name() -> None:
    """The same machine always picks the same."""
    twins = (listed("b", 10, ("en", "es")), listed("a", 10, ("en", "es")))
    assert picked("auto", twins) == {("en", "es"): "a"}


def test_nothing_that_works_is_no_choice() -> None:
    """With auto, a stage may stay empty."""
    assert picked("auto", (GONE,)) == {}


@pytest.mark.parametrize(("setting", "names"), [("auto", ()), ("", ()), (" a , b ", ("a", "b")), ("a,auto", ())])
def test_settings_are_names_with_commas(setting: str, names: tuple[str, ...]) -> None:
    """Blanks do not count."""
    assert wanted_engines(setting) == names
