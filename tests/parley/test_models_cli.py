"""`parley models`, with a server of models on loopback."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley.models_cli import app
from pipeline.engines.models.catalogue import model_named
from tests.pipeline.engines.models.hub import COMMIT, Hub, hub

VOICE = "es_ES-davefx-medium"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("PARLEY_ENGINES__MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Serve a voice from another thread: commands run an event loop of their own."""
    voice = model_named(VOICE)
    assert voice is not None
    loop = asyncio.new_event_loop()
    revisions = (voice.revision, COMMIT)
    serving = hub({voice.url("", file, at): file.name.encode() for file in voice.files for at in revisions})
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serves = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(10)
    monkeypatch.setenv("PARLEY_ENGINES__MODELS_URL", serves.url)
    yield serves
    asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def run(*words: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, list(words))
    return answer.exit_code, answer.stdout, answer.stderr


def test_models_are_listed(models: Path) -> None:
    """A line each, and where the folder is; for programs, a document."""
    code, out, err = run("list")
    assert code == 0
    assert "small" in out
    assert str(models) in err
    document = json.loads(run("list", "--json")[1])
    assert {"name", "licence", "megabytes", "path"} <= document[0].keys()


def test_the_list_can_be_narrowed() -> None:
    """By engine, as people write it, and to what is here."""
    names = {line.split()[1] for line in run("list", "--engine", "faster-whisper")[1].splitlines()[1:]}
    assert names == {"faster_whisper"}
    assert len(run("list", "--here")[1].splitlines()) == 1


def test_a_model_is_pulled_and_then_it_is_here(server: Hub, models: Path) -> None:
    """Standard output has the folder alone; the rest is told beside it."""
    code, out, err = run("pull", VOICE)
    assert (code, out) == (0, f"{models / VOICE}\n")
    assert "MODEL_CARD" in err
    assert "3 files fetched, 0 were here" in err
    assert run("path", VOICE)[:2] == (0, f"{models / VOICE}\n")
    assert VOICE in run("list", "--here")[1]
    assert "0 files fetched, 3 were here" in run("pull", VOICE)[2]


def test_what_cannot_be_had_ends_with_1_and_what_to_do(server: Hub, models: Path) -> None:
    """One line, and nothing on standard output."""
    server.files.clear()
    code, out, err = run("pull", VOICE)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("parley: http://127.0.0.1")
    assert "404" in err


def test_offline_nothing_is_fetched(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's own variable says it as well."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, _, err = run("pull", VOICE)
    assert code == 1
    assert "downloads are switched off" in err
    assert not server.asked


def test_a_folder_that_cannot_be_written_is_said(server: Hub, models: Path) -> None:
    """With its name."""
    models.write_text("a file")
    code, _, err = run("pull", VOICE)
    assert code == 1
    assert str(models) in err


def test_an_unknown_model_ends_with_2() -> None:
    """Before anything is fetched."""
    code, _, err = run("pull", "smal")
    assert code == 2
    assert "there is no model 'smal'" in err


def test_the_path_of_a_model_that_is_not_here_is_the_command_that_fetches_it() -> None:
    """For a script, 1."""
    code, out, err = run("path", "small")
    assert (code, out) == (1, "")
    assert "parley models pull small" in err
