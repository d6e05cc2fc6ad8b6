"""What is told of each engine: those that work, and those that do not."""

from parley.engine_report import EngineReport, advice, engine_reports
from pipeline.engines.engine import EngineInfo
from pipeline.engines.listing import ListedEngine
from pipeline.engines.registry import EngineFile

FILE = EngineFile("translation", "x", "pipeline.engines.translators.x")
INFO = EngineInfo(
    name="x",
    stage="translation",
    licence="MIT",
    model_licence="CC0-1.0",
    where="in process",
    streams=False,
    concurrency=1,
)


def test_an_engine_that_works_tells_what_it_can_do() -> None:
    """Pairs in order, licences, and where it runs."""
    [report] = engine_reports(engines=[ListedEngine(FILE, INFO, pairs=frozenset({("en", "fr"), ("en", "es")}))])
    assert report.works
    assert report.pairs == (("en", "es"), ("en", "fr"))
    assert (report.licence, report.model_licence, report.where) == ("MIT", "CC0-1.0", "in process")
    assert report.abilities == "en to es, fr"
    assert report.summary == "2 pairs of en, es, fr"


def test_an_engine_that_lacks_something_says_what_and_what_to_do() -> None:
    """Its licence is known all the same."""
    report = EngineReport.of(ListedEngine(FILE, INFO, why="apertium is not installed", remedy="install it"))
    assert not report.works
    assert (report.why, report.remedy, report.licence) == ("apertium is not installed", "install it", "MIT")


def test_a_file_that_cannot_be_imported_is_listed() -> None:
    """Nothing but its name and stage is known."""
    report = EngineReport.of(ListedEngine(FILE, why="deepl is not installed", remedy="install deepl"))
    assert (report.name, report.stage, report.licence) == ("x", "translation", None)


def test_many_languages_are_cut_short() -> None:
    """A line stays a line."""
    report = EngineReport("x", "synthesis", True, languages=tuple(f"l{number}" for number in range(15)))
    assert report.abilities.endswith("l11 and 3 more")
    assert report.summary == report.abilities


def test_advice_names_what_works_and_what_would_be_better() -> None:
    """The best first; what is worse than what works is not worth a word."""
    reports = [
        EngineReport("good", "synthesis", False, why="no key", remedy="set one", quality=50),
        EngineReport("poor", "synthesis", True, quality=10),
        EngineReport("worse", "synthesis", False, why="gone", remedy="install it", quality=5),
        EngineReport("none", "translation", False, why="no pairs", remedy="install"),
    ]
    assert advice(reports) == [
        "synthesis: poor is the best that works here",
        "  better would be good: no key -> set one",
        "translation: nothing works here",
        "  better would be none: no pairs -> install",
    ]


def test_the_offline_engines_are_reported_as_working_where_tests_run() -> None:
    """The set-up has installed what they need: English is heard, Spanish is reached, both are spoken."""
    reports = {report.name: report for report in engine_reports()}
    assert "en" in reports["pocketsphinx"].languages
    assert ("en", "es") in reports["apertium"].pairs
    assert {"en", "es"} <= set(reports["espeak"].languages)
