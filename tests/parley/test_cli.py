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
from parley.errors import NoSharedBusError
from parley.settings import Settings
from pipeline.bus.bus import BusUnavailableError, TopicsError
from pipeline.engines.engine import EngineUnavailableError, UnknownEngineError

# What a worker ends with, by where it is told to work.
ERRORS: dict[str, Exception] = {
    "kafka://nowhere:1": BusUnavailableError("no broker at nowhere:1", "start one, or name another"),
    "kafka://topics:1": TopicsError(["audio.raw is missing"]),
    "kafka://unknown:1": UnknownEngineError("there is no engine 'x' here", "use auto, or one of pocketsphinx"),
    "kafka://unable:1": EngineUnavailableError("pocketsphinx: it is not installed", "install it"),
    "kafka://taken:1": OSError(98, "Address already in use"),
}

REPORTS = [
    EngineReport("pocketsphinx", "recognition", True, "MIT", "BSD-2-Clause", "in process", languages=("en",)),
    EngineReport(
        "apertium", "translation", False, "GPL-2.0", "GPL-2.0", "system program", (), (), "no pairs", "install"
    ),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine_report, "engine_reports", lambda _settings: REPORTS)
    monkeypatch.setattr(doctor, "engine_reports", lambda _settings: REPORTS)
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


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Settings]]:
    """Give what `worker` was called with."""
    given: list[tuple[str, Settings]] = []

    async def work(stage: str, settings: Settings) -> None:
        given.append((stage, settings))
        if settings.pipeline.bus_url == "memory":
            raise NoSharedBusError
        if error := ERRORS.get(settings.pipeline.bus_url):
            raise error

    stand_in = types.ModuleType("parley.worker")
    stand_in.work = work  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parley.worker", stand_in)
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


@pytest.mark.parametrize("words", ["--dev", "--dev --dev-anywhere --host 0.0.0.0", ""])
def test_serve_is_told_who_may_come_in(run: CliRunner, served: list[Settings], words: str) -> None:
    """Who sits at this machine, or everybody if it is said twice."""
    assert run.invoke(cli.app, ["serve", *words.split()]).exit_code == 0
    assert served[0].signaling.dev_tokens == ("always" if "anywhere" in words else "loopback")


@pytest.mark.parametrize("words", ["--dev --host 0.0.0.0", "--host 0.0.0.0", "--set signaling.dev_tokens=never"])
def test_serve_does_not_start_where_nobody_should_come_in(run: CliRunner, served: list[Settings], words: str) -> None:
    """In one line, with what to set."""
    result = run.invoke(cli.app, ["serve", *words.split()])
    assert (result.exit_code, served, result.stderr.count("\n")) == (2, [], 1)


def test_a_port_that_is_taken_ends_with_1_and_one_line(run: CliRunner, served: list[Settings]) -> None:
    """Where to look is said as well."""
    result = run.invoke(cli.app, ["serve", "--port", "1"])
    assert result.exit_code == 1
    assert result.stderr == "parley: Address already in use; `parley doctor` looks at the ports\n"


def test_serve_is_told_where_messages_travel(run: CliRunner, served: list[Settings]) -> None:
    """And which stages it runs itself."""
    assert run.invoke(cli.app, ["serve", "--bus", "kafka://one:9092", "--workers", "stt,tts"]).exit_code == 0
    assert (served[0].pipeline.bus_url, served[0].pipeline.workers) == ("kafka://one:9092", ("stt", "tts"))


def test_a_worker_is_given_its_stage_and_its_flags(run: CliRunner, worked: list[tuple[str, Settings]]) -> None:
    """`--engine` and `--concurrency` are those of its stage."""
    words = "worker tts --engine espeak --concurrency 3 --bus kafka://one:9092 --slot 2 --probe-port 8081"
    result = run.invoke(cli.app, words.split())
    assert result.exit_code == 0, result.output
    [(stage, settings)] = worked
    assert (stage, settings.engines.tts, settings.engines.tts_processes) == ("tts", "espeak", 3)
    assert (settings.engines.stt, settings.engines.stt_processes) == ("auto", 1)
    assert (settings.process.slot, settings.process.probe_port) == (2, 8081)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("stt --bus kafka://nowhere:1", 1, "no broker at nowhere:1; start one, or name another"),
        ("stt --bus kafka://topics:1", 1, "audio.raw is missing; `parley topics check` says more"),
        ("stt --bus kafka://unable:1", 1, "it is not installed: install it; `parley engines` lists them all"),
        ("stt --bus kafka://taken:1", 1, "Address already in use"),
        ("stt --bus kafka://unknown:1", 2, "there is no engine 'x' here: use auto, or one of pocketsphinx"),
        ("stt --bus memory", 2, "say --bus kafka://host:9092"),
        ("stt --bus rabbit://x", 2, "pipeline.bus_url (from --bus): bus_url is 'rabbit://x', but it must be memory"),
        ("tss --bus kafka://one:1", 2, "there is no stage 'tss'; it is one of stt, translation, tts"),
        ("stt --bus kafka://one:1 --concurrency 0", 2, "stt_processes is 0, but it must be at least 1"),
        ("stt --bus kafka://one:1 --concurrency many", 2, "engines.stt_processes (from --concurrency): 'many' is not"),
        ("stt --bus kafka://one:1 --slot -1", 2, "process.slot (from --slot): slot is -1"),
    ],
)
def test_a_worker_that_cannot_work_says_why(
    run: CliRunner, worked: list[tuple[str, Settings]], words: str, code: int, said: str
) -> None:
    """In one line, with what to do; 1 if something is missing here, 2 if it was told wrongly."""
    result = run.invoke(cli.app, ["worker", *words.split()])
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--media-port", "many"], "rtc.port (from --media-port): 'many' is not possible, it must be a whole number"),
        (["--set", "rtc.prot=1"], "rtc.prot (from --set rtc.prot): there is no such setting; did you mean rtc.port?"),
        (["--set", "rtc.port"], "rtc.port (from --set): it names no value; write NAME=VALUE, as in rtc.port=5004"),
        (["--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
        (["--log-level", "loud"], "it must be one of debug, info, warning, error"),
        (
            ["--workers", "stt,tss"],
            "pipeline.workers (from --workers): 'stt,tss' is not possible, it must be a list, each",
        ),
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


def test_the_openapi_document_tells_every_operation(run: CliRunner) -> None:
    """The one that a server gives."""
    document = json.loads(run.invoke(cli.app, ["openapi"]).stdout)
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/rooms/{room_id}" in document["paths"]


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
