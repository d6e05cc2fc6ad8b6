"""VITS with random weights, for real."""

import os
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.coqui.description import describe
from pipeline.engines.coqui.model import Said
from pipeline.engines.coqui.vits import VitsModel
from pipeline.engines.engine import EngineError, EngineUnavailableError
from pipeline.engines.options.coqui import CoquiOptions


@pytest.fixture(scope="module")
def model(vits: Path) -> VitsModel:
    return VitsModel(describe(vits), CoquiOptions(device="cpu"))


def sound(model: VitsModel, voice: str = "s0", speed: float = 1.0) -> np.ndarray:
    said = Said("La casa es grande, y el jardín también.", "es", voice, None, speed, 1)
    return np.concatenate(list(model.stream(said)))


def test_it_speaks_in_the_voices_it_was_taught(model: VitsModel) -> None:
    """The same the same, others differently."""
    assert model.voices == ("s0", "s1", "s2", "s3")
    assert np.array_equal(sound(model), sound(model))
    other = sound(model, "s1")
    assert len(other) != len(sound(model)) or not np.array_equal(sound(model), other)


def test_speed_makes_it_shorter(model: VitsModel) -> None:
    """Each phoneme by whole frames, so that little is left of a quarter where phonemes are short; and it goes back."""
    own = len(sound(model))
    assert len(sound(model, speed=2.0)) < own
    assert len(sound(model)) == own


def test_it_speaks_in_nobody_elses_voice(model: VitsModel) -> None:
    """There is nothing to make a likeness with."""
    assert not model.imitates
    with pytest.raises(EngineError):
        model.likeness(bytes(64_000))


def test_a_folder_without_weights_is_told(tmp_path: Path, vits: Path) -> None:
    """Or with those of another model."""
    import torch

    (tmp_path / "config.json").write_bytes((vits / "config.json").read_bytes())
    with pytest.raises(EngineUnavailableError, match=r"no model.pth"):
        VitsModel(describe(tmp_path), CoquiOptions(device="cpu"))
    torch.save({"model": {"a": torch.zeros(2)}}, tmp_path / "model.pth")
    with pytest.raises(EngineUnavailableError, match="do not fit"):
        VitsModel(describe(tmp_path), CoquiOptions(device="cpu"))
    assert sorted(os.listdir(tmp_path)) == ["config.json", "model.pth"]
