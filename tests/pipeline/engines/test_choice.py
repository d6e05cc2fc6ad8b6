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


def picked(setting: str, engines: tuple[ListedEngine, ...] = ALL, length: int = 1) -> dict[Pair, str]:
    choices = choose(engines, setting, length)
    return {pair: ", ".join(choice.chain) for choice in choices for pair in choice.abilities}


def test_auto_picks_the_best_that_works_for_each_pair() -> None:
    """The better engine where it can, the other where only that one can, the missing one nowhere."""
    assert picked("auto") == {("en", "es"): "good", ("en", "fr"): "good", ("en", "ca"): "plain"}


def test_a_name_is_taken_at_its_word() -> None:
    """Only the named engine serves, even if another is better."""
    assert picked("plain") == {("en", "es"): "plain", ("en", "ca"): "plain"}


def test_several_names_are_an_order() -> None:
    """The first is asked wherever it can, and all the others stand behind it."""
    assert picked("plain, good") == {("en", "es"): "plain, good", ("en", "ca"): "plain", ("en", "fr"): "good"}


def test_with_auto_so_many_stand_behind_each_other() -> None:
    """The best ones, and no more than that."""
    more = (*ALL, listed("rough", 5, ("en", "es")))
    assert picked("auto", more, 2) == {("en", "es"): "good, plain", ("en", "fr"): "good", ("en", "ca"): "plain"}
    assert picked("auto", more, 9)["en", "es"] == "good, plain, rough"


def test_a_name_that_does_not_exist_is_an_error() -> None:
    """The remedy names those that do."""
    with pytest.raises(UnknownEngineError, match=r"no engine 'bad' here: use auto, or one of gone, good, plain"):
        rank(ALL, "good, bad")


def test_a_name_that_does_not_work_is_an_error() -> None:
    """Nobody falls back silently from what was asked for."""
    with pytest.raises(EngineUnavailableError, match="gone: there is no key: set one"):
        rank(ALL, "gone")


def test_where_others_are_named_behind_it_they_serve() -> None:
    """That is what they were named for; it is told what is missing."""
    (choice,) = choose((GONE, PLAIN), "gone, plain")
    assert str(choice) == "plain: only plain does it here; better: gone: there is no key (set one)"


def test_every_choice_says_why_and_what_would_be_better() -> None:
    """For people: the reason, who stands behind, what is missing and how to get it, and who is not used."""
    more = (*ALL, listed("worse", 1, why="it is not installed", remedy="install it"))
    stories = {str(choice) for choice in choose(more, "auto", 1)}
    missing = "better: gone: there is no key (set one)"
    rest = "not worse: it is not installed (install it)"
    assert stories == {
        f"good: the best that works here; {missing}; {rest}; not plain: it comes after it",
        f"good: only good does it here; {missing}; {rest}",
        f"plain: only plain does it here; {missing}; {rest}",
    }
    (with_spare,) = choose((GOOD, listed("plain", 10, *GOOD.pairs)), "auto")
    assert str(with_spare) == "good: the best that works here; then plain"


def test_the_best_of_what_is_missing_comes_first() -> None:
    """Whoever gets just one thing gets that."""
    missing = (listed("a", 60, why="no"), listed("b", 80, why="no"), PLAIN)
    (choice,) = choose(missing, "auto")
    assert [engine.engine for engine in choice.better] == ["b", "a"]


def test_what_was_named_is_not_compared_with_others() -> None:
    """Whoever names an engine wants that one."""
    (choice,) = choose(ALL, "plain")
    assert (choice.better, choice.passed_over) == ((), ())


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
