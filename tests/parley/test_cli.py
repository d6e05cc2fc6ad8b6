"""The command line: data on standard output, words on standard error, exit codes that mean something."""

import json
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley import cli, doctor, engine_report
from parley.engine_report import EngineReport
from parley.settings import Settings

REPORTS = [
    EngineReport("pocketsphinx", "recognition", True, "MIT", "BSD-2-Clause", "in process", languages=("en",)),
    EngineReport(
        "apertium", "translation", False, "GPL-2.0", "GPL-2.0", "system program", (), (), "no pairs", "install"
    ),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine_report, "engine_reports", lambda: REPORTS)
    monkeypatch.setattr(doctor, "engine_reports", lambda: REPORTS)
    return CliRunner()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Give what `serve` was called with."""
    given: list[Settings] = []

    async def serve(settings: Settings) -> None:
        given.append(settings)
        if settings.signaling.port == 1:
            raise OSError(98, "Address already in use")

    stand_in = types.ModuleType("parley.serve")
    stand_in.serve = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parley.serve", stand_in)
    monkeypatch.setattr("parley.logs.configure", lambda _settings: None)
    return given


def test_the_version_is_printed(run: CliRunner) -> None:
    """A number and nothing else."""
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run.invoke(cli.app, ["--version"]).stdout)


def test_serve_gives_flags_to_the_system(run: CliRunner, served: list[Settings]) -> None:
    """Each flag reaches its setting."""
    words = "serve --host ::1 --port 9000 --media-port 5004 --stt a --translation b --tts c --log-level debug"
    result = run.invoke(cli.app, [*words.split(), "--log-format", "json", "--set", "rtc.max_sources=3"])
    assert result.exit_code == 0, result.output
    [settings] = served
    assert (settings.signaling.host, settings.signaling.port, settings.rtc.port) == ("::1", 9000, 5004)
    assert (settings.engines.stt, settings.engines.translation, settings.engines.tts) == ("a", "b", "c")
    assert (settings.log.level, settings.log.format, settings.rtc.max_sources) == ("debug", "json", 3)


def test_a_port_that_is_taken_ends_with_1_and_one_line(run: CliRunner, served: list[Settings]) -> None:
    """Where to look is said as well."""
    result = run.invoke(cli.app, ["serve", "--port", "1"])
    assert result.exit_code == 1
    assert result.stderr == "parley: Address already in use; `parley doctor` looks at the ports\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--media-port", "many"], "rtc.port (from --media-port): 'many' is not possible, it must be a whole number"),
        (["--set", "rtc.prot=1"], "rtc.prot (from --set rtc.prot): there is no such setting; did you mean rtc.port?"),
        (["--set", "rtc.port"], "rtc.port (from --set): it names no value; write NAME=VALUE, as in rtc.port=5004"),
        (["--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
        (["--log-level", "loud"], "it must be one of debug, info, warning, error"),
        (["--set", "media.analysis.chunk_ms=5"], "chunk_ms is 5, but a chunk lasts 20 to 500 ms"),
    ],
)
def test_a_wrong_setting_ends_with_2_and_one_line(run: CliRunner, words: list[str], said: str) -> None:
    """Which setting, what is wrong, what to do; nothing on standard output."""
    result = run.invoke(cli.app, ["config", *words])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_engines_are_a_table(run: CliRunner) -> None:
    """Those that do not work are told with what to do."""
    head, hears, translates = run.invoke(cli.app, ["engines"]).stdout.splitlines()
    assert head.startswith("STAGE")
    assert re.search(r"recognition +pocketsphinx +yes +in process +MIT +BSD-2-Clause +en", hears)
    assert translates.endswith("no pairs: install")


def test_engines_are_a_document_for_programs(run: CliRunner) -> None:
    """With --json, every field."""
    document = json.loads(run.invoke(cli.app, ["engines", "--json"]).stdout)
    assert document[0]["languages"] == ["en"]
    assert document[1]["remedy"] == "install"


def test_the_doctor_ends_with_1_if_something_needed_is_missing(run: CliRunner) -> None:
    """Here: nothing can translate."""
    result = run.invoke(cli.app, ["doctor", "--port", "0"])
    assert result.exit_code == 1
    assert re.search(r"MISSING +translation +no engine for it works here", result.stdout)


def test_the_doctor_speaks_json(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict and every finding."""
    document = json.loads(run.invoke(cli.app, ["doctor", "--json", "--port", "0"]).stdout)
    assert document["can_run"] is False
    assert {"name", "state", "detail", "remedy"} == set(document["findings"][0])


def test_config_shows_what_is_in_force(run: CliRunner) -> None:
    """Only what is not the default, if asked."""
    result = run.invoke(cli.app, ["config", "--changed", "--port", "9000"])
    assert result.stdout == "[signaling]\nport = 9000  # from --port\n"


def test_config_speaks_json(run: CliRunner) -> None:
    """Names, values and origins."""
    document = json.loads(run.invoke(cli.app, ["config", "--json", "--port", "9000"]).stdout)
    assert document["signaling.port"] == {"value": 9000, "from": "--port"}


def test_the_schema_describes_every_message(run: CliRunner) -> None:
    """As JSON Schema."""
    document = json.loads(run.invoke(cli.app, ["schema"]).stdout)
    assert {"AudioChunk", "Transcript", "Translation", "Speech"} <= set(document["$defs"])


def test_starting_is_quick() -> None:
    """Asking for the version loads neither media nor engines."""
    code = "import sys, parley.cli; print([m for m in ('aiortc', 'av', 'numpy', 'pydantic') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_parley_is_a_program() -> None:
    """`python -m parley` is the same as `parley`."""
    answer = subprocess.run([sys.executable, "-m", "parley", "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout.count(".") == 2
