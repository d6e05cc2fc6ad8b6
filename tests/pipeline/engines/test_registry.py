"""The registry of engine files."""

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest

from pipeline.engines.engine import EngineInfo, EngineUnavailableError
from pipeline.engines.registry import FOLDERS, EngineFile, engine_files

# What an engine file may not import when it is only looked at; that waits until the engine starts.
FILES = tuple(engine_files())
HEAVY = {"torch", "TTS", "faster_whisper", "ctranslate2", "onnxruntime", "deepl", "transformers", "pocketsphinx"}


def test_the_offline_engines_are_registered() -> None:
    """A file's name is its registration."""
    found = {(file.stage, file.name) for file in engine_files()}
    assert {("recognition", "pocketsphinx"), ("translation", "apertium"), ("synthesis", "espeak")} <= found


def test_one_stage_can_be_asked_for() -> None:
    """Asking for a stage gives only its engines."""
    assert {file.stage for file in engine_files("synthesis")} == {"synthesis"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_defines_an_engine_that_describes_itself(file: EngineFile) -> None:
    """The class has the file's name and stage, and tells its licences."""
    info = file.load().info
    assert isinstance(info, EngineInfo)
    assert (info.name, info.stage) == (file.name, file.stage)
    assert info.licence
    assert info.model_licence
    assert info.concurrency > 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_looking_at_an_engine_imports_nothing_heavy(file: EngineFile) -> None:
    """Heavy libraries are imported where the engine runs, not at the head of its file."""
    spec = importlib.util.find_spec(file.module)
    assert spec is not None
    assert spec.origin is not None
    names: set[str] = set()
    for node in ast.parse(Path(spec.origin).read_text()).body:
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    assert not names & HEAVY


def test_a_missing_python_package_is_unavailability(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine file that cannot be imported says which package is missing."""

    def fail(name: str) -> None:
        raise ModuleNotFoundError("No module named 'grand_voice'", name="grand_voice")

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(EngineUnavailableError, match="grand_voice"):
        EngineFile("synthesis", "grand", "pipeline.engines.synthesizers.grand").load()


def test_a_file_that_breaks_the_contract_is_refused() -> None:
    """A file in a wrong folder, or without an Engine, is a fault of the program."""
    with pytest.raises(TypeError, match="calls itself 'apertium' of translation"):
        EngineFile("synthesis", "apertium", f"{FOLDERS['translation']}.apertium").load()
    with pytest.raises(TypeError, match="no class Engine"):
        EngineFile("synthesis", "backoff", "pipeline.engines.backoff").load()
