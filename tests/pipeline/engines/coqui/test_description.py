"""What config.json says of a model."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.coqui.description import Description, describe
from pipeline.engines.engine import EngineUnavailableError

XTTS = {
    "model": "xtts",
    "audio": {"sample_rate": 22_050, "output_sample_rate": 24_000},
    "languages": ["en", "es", "zh-cn", "ja", "vi"],
}
VITS = {"model": "vits", "audio": {"sample_rate": 22_050}, "phoneme_language": "en-us"}


def write(folder: Path, config: Any) -> Path:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_xtts_speaks_what_it_knows_and_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tokenizer does not know Vietnamese, and needs packages for Japanese and Chinese."""
    folder = write(tmp_path, XTTS)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "pypinyin" or None)
    assert describe(folder) == Description(folder, "xtts", 24_000, {"en": "en", "es": "es", "zh": "zh-cn"})
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert set(describe(folder).languages) == {"en", "es"}


@pytest.mark.parametrize(
    ("more", "languages"),
    [
        ({}, {"en-US": "en-us"}),
        ({"phoneme_language": None, "datasets": [{"language": "pt_BR"}]}, {"pt-BR": "pt_BR"}),
        ({"languages": ["ca", "nonsense!", "es"]}, {"ca": "ca", "es": "es"}),
        ({"max_audio_len": float("inf")}, {"en-US": "en-us"}),
    ],
    ids=["phonemes", "data", "several", "Infinity, which is no JSON"],
)
def test_vits_speaks_what_it_was_taught(tmp_path: Path, more: dict[str, Any], languages: dict[str, str]) -> None:
    """Wherever its configuration says so."""
    assert describe(write(tmp_path, {**VITS, **more})).languages == languages


def test_what_it_does_not_say_can_be_set(tmp_path: Path) -> None:
    """Else there is nothing it could be asked for."""
    folder = write(tmp_path, {**VITS, "phoneme_language": ""})
    with pytest.raises(EngineUnavailableError, match=r"set engines.coqui.language"):
        describe(folder)
    assert describe(folder, "eu").languages == {"eu": "eu"}


@pytest.mark.parametrize("config", [5, {}, {"model": "vits"}, {"model": "vits", "audio": 3}], ids=str)
def test_what_is_no_model_is_told(tmp_path: Path, config: Any) -> None:
    """With what to do."""
    for folder in (tmp_path / "nowhere", write(tmp_path, config)):
        with pytest.raises(EngineUnavailableError, match=r"no folder with a config.json"):
            describe(folder)


def test_models_of_other_kinds_are_not_used(tmp_path: Path) -> None:
    """They need a second model to be heard."""
    with pytest.raises(EngineUnavailableError, match="'tacotron2' is not used"):
        describe(write(tmp_path, {**VITS, "model": "tacotron2"}))
