"""`parley engines`: the list, and a trial."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley import engine_report, engine_trial, engines_cli
from parley.engine_report import EngineReport
from parley.engine_trial import Sample, Trial
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.registry import EngineFile
from pipeline.engines.settings import EngineSettings

REPORTS = [
    EngineReport("pocketsphinx", "recognition", True, "MIT", "MIT", "in process", languages=("en",), quality=10),
    EngineReport("faster_whisper", "recognition", False, why="no model", remedy="parley models pull small", quality=80),
]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, EngineSettings, Sample]]:
    """Give what engines were tried with; nothing is started."""
    given: list[tuple[str, EngineSettings, Sample]] = []

    async def run(file: EngineFile, settings: EngineSettings, sample: Sample) -> Trial:
        given.append((f"{file.stage}/{file.name}", settings, sample))
        if sample.language == "xx":
            raise EngineUnavailableError("no model", "parley models pull small")
        return Trial(file.name, file.stage, "en", "hello", "hullo", 1.0, 0.05, 0.5, 2.0)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine_trial, "try_engine", run)
    monkeypatch.setattr(engine_report, "engine_reports", lambda _settings: REPORTS)
    return given


def run(*words: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(engines_cli.app, list(words))
    return answer.exit_code, answer.stdout, answer.stderr


@pytest.mark.usefixtures("asked")
def test_the_list_says_what_would_be_better_and_how_to_get_it() -> None:
    """Beside the table, which is for programs too."""
    code, out, err = run()
    assert code == 0
    assert re.search(r"recognition +pocketsphinx +yes", out)
    assert "recognition: pocketsphinx is the best that works here" in err
    assert "better would be faster_whisper: no model -> parley models pull small" in err
    assert json.loads(run("--json")[1])[1]["remedy"] == "parley models pull small"


def test_a_trial_is_told_with_its_times(asked: list[tuple[str, EngineSettings, Sample]]) -> None:
    """What went in, what came out, how long it took."""
    code, out, _ = run("test", "pocketsphinx", "--set", "engines.niceness=3")
    assert code == 0
    assert "hullo" in out
    assert "1.00 s until it was ready" in out
    assert "500 ms for 2.00 s of sound (0.25 of real time)" in out
    assert [(name, settings.niceness) for name, settings, _ in asked] == [("recognition/pocketsphinx", 3)]


def test_a_trial_is_a_document_for_programs(asked: list[tuple[str, EngineSettings, Sample]]) -> None:
    """With everything that was asked for passed on."""
    words = ("test", "apertium", "--stage", "translation", "--from", "es", "--language", "en", "--text", "hola")
    assert json.loads(run(*words, "--json")[1])[0]["first_s"] == 0.05
    assert asked[0][2] == Sample("en", "es", "hola", b"")


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("test", "espeek"), 2, "there is no engine 'espeek'; it is one of"),
        (("test", "espeak", "--stage", "recognition"), 2, "there is no engine 'espeak' for recognition"),
        (("test", "espeak", "--stage", "singing"), 2, "there is no stage 'singing'"),
        (("test", "pocketsphinx", "--file", "nowhere.wav"), 2, "nowhere.wav"),
        (("test", "espeak", "--language", "xx"), 1, "no model: parley models pull small"),
    ],
)
def test_what_cannot_be_tried_is_said(words: tuple[str, ...], code: int, said: str) -> None:
    """2 if it was told wrongly, 1 if it does not work here."""
    got, out, err = run(*words)
    assert (got, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1
