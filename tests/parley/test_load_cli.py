"""`parley load`: what it is told, what it prints, and how it ends."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from parley.cli import app
from parley.load import session
from parley.load.diary import Diary
from parley.load.plan import LoadPlan, Pair
from parley.load.report import LoadReport, report
from tests.fakes.audible import Audible
from tests.journeys.whole_system import whole_system
from tests.parley.load.people import seat, turn


class Loads:
    """Stands in for a run: remembers what was asked for."""

    def __init__(self) -> None:
        self.plans: list[LoadPlan] = []
        self.given: list[dict[str, Any]] = []
        # Whether what is due comes.
        self.delivers = True

    async def __call__(self, plan: LoadPlan, **given: object) -> LoadReport:
        self.plans.append(plan)
        self.given.append(given)
        diary = Diary()
        for number in range(2):
            diary.joined(seat(number), 0.1)
        said = diary.begins(turn(seat(0)), "ann", 1.0)
        if self.delivers:
            said.receipts[1].voice_at = said.receipts[1].final_at = 3.0
        return report(plan, diary, wanted=2, seconds=1.0, stopped=False, stages={})


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    made = Loads()
    monkeypatch.setattr(session, "load", made)
    return made


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(app, ["load", *arguments])


def test_what_it_is_told_becomes_the_plan(loads: Loads, run: Callable[..., Result]) -> None:
    """Each flag is one part of it."""
    given = "--url http://h:1 --rooms 3 --clients 4 --listeners 5 --language-pairs en:es,de:fr-FR --kind mixed"
    result = run(*given.split(), "--seconds", "7", "--pause", "1", "--metrics", "http://w:2", "--speech", "/tmp")
    assert result.exit_code == 0, result.output
    pairs = (Pair("en", "es"), Pair("de", "fr-FR"))
    expected = LoadPlan("http://h:1", 3, 4, 5, pairs, "mixed", 7.0, 1.0)
    assert loads.plans == [expected]
    assert (str(loads.given[0]["speech"]), loads.given[0]["metrics"]) == ("/tmp", ["http://w:2"])


def test_the_key_comes_from_the_environment(
    loads: Loads, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else on the machine can read it there."""
    monkeypatch.setenv("PARLEY_API_KEY", "key")
    run()
    assert loads.given[0]["api_key"] == "key"


def test_people_get_a_table_and_programs_a_line(loads: Loads, run: Callable[..., Result]) -> None:
    """JSON is the last line, and the only one."""
    assert "delivered 100.00%" in run().stdout
    assert json.loads(run("--json").stdout.splitlines()[-1])["delivered"] == 1.0


@pytest.mark.parametrize(("delivers", "least", "code"), [(True, "1", 0), (False, "0.5", 1), (False, "0", 0)])
def test_too_little_delivered_is_a_failure(
    loads: Loads, run: Callable[..., Result], delivers: bool, least: str, code: int
) -> None:
    """Below `--min-delivered` it ends with 1, and still prints what was."""
    loads.delivers = delivers
    result = run("--min-delivered", least)
    assert result.exit_code == code
    assert "delivered" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--language-pairs", "en"), "no pair"),
        (("--language-pairs", "en:klingon?"), "language tag"),
        (("--language-pairs", "auto:es"), "language tag"),
        (("--kind", "smoke"), "no 'smoke'"),
        (("--clients", "0"), "somebody"),
        (("--url", "nowhere"), "no address"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(
    loads: Loads, run: Callable[..., Result], arguments: tuple[str, ...], words: str
) -> None:
    """Exit code 2, and nothing is done."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not loads.plans


@pytest.mark.journey
@pytest.mark.soak
async def test_ctrl_c_ends_it_with_what_was_measured() -> None:
    """The program itself, against a whole system: after SIGINT its last line is still the report."""
    async with whole_system(Audible()) as system:
        command = ("-m", "parley", "load", "--url", system.url, "--seconds", "60", "--json", "--clients", "3")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        async with asyncio.timeout(40):
            await process.stderr.readline()
            process.send_signal(signal.SIGINT)
            told, _ = await process.communicate()
    found = json.loads(told.splitlines()[-1])
    assert process.returncode == 0
    assert (found["stopped"], found["joins"]["made"]) == (True, 3)
    assert found["turns"] >= 1
