"""What every engine file says of itself here."""

from typing import Any

import pytest

from pipeline.engines import listing
from pipeline.engines.engine import EngineInfo, EngineUnavailableError
from pipeline.engines.listing import list_engines
from pipeline.engines.registry import EngineFile
from tests.fakes.hosted import shouter

SHOUTER = EngineFile("translation", "shouter", "tests.fakes.hosted.shouter")
UNFIT = EngineFile("translation", "unfit", "tests.fakes.hosted.unfit")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[EngineFile]:
    found: list[EngineFile] = []
    monkeypatch.setattr(listing, "engine_files", lambda _: found)
    return found


def test_the_offline_engines_work_here() -> None:
    """The set-up has installed them, and each says what it can do."""
    listed = {engine.name: engine for engine in list_engines()}
    assert listed["pocketsphinx"].languages == {"en"}
    assert {("en", "es"), ("en", "ca"), ("en", "fr")} <= listed["apertium"].pairs
    assert {"es", "ca", "fr", "pt", "it", "en"} <= listed["espeak"].languages
    assert listed["apertium"].abilities == listed["apertium"].pairs
    for name in ("pocketsphinx", "apertium", "espeak"):
        assert listed[name].works
        assert not listed[name].remedy


def test_an_engine_that_cannot_work_is_listed_with_its_remedy(files: list[EngineFile]) -> None:
    """Nobody has to guess what to install."""
    files += [SHOUTER, UNFIT]

    class Unfit:
        info = EngineInfo("unfit", "translation", "MIT", "MIT", "network", False, 1)

        def __init__(self) -> None:
            raise EngineUnavailableError("there is no key", "set one")

    fitting, unfit = (_with(files[0], shouter.Engine), _with(files[1], Unfit))
    files[:] = [fitting, unfit]
    shown = list_engines()
    assert [engine.works for engine in shown] == [True, False]
    assert (shown[1].why, shown[1].remedy) == ("there is no key", "set one")
    assert shown[1].info is not None


def test_a_broken_engine_file_costs_only_itself(files: list[EngineFile]) -> None:
    """Its fault is told; the others are listed as ever."""

    class Broken:
        info = EngineInfo("broken", "translation", "MIT", "MIT", "network", False, 1)

        def __init__(self) -> None:
            raise ZeroDivisionError("oh")

    files += [_with(UNFIT, Broken), _with(SHOUTER, shouter.Engine)]
    broken, fitting = list_engines()
    assert broken.why == "ZeroDivisionError: oh"
    assert fitting.works


def _with(file: EngineFile, engine: Any) -> EngineFile:
    """Give a file that defines another class."""

    class Loaded(EngineFile):
        def load(self) -> Any:
            return engine

    return Loaded(*file)
