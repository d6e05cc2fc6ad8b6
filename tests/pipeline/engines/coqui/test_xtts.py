"""XTTS with random weights, for real: how it is loaded and asked. What it says makes no sense."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.coqui.description import describe
from pipeline.engines.coqui.model import Said
from pipeline.engines.coqui.xtts import SPEAKERS, XttsModel
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.options.coqui import CoquiOptions
from tests.support.coqui_model import AUDIO_TOKENS, STOCK

TOKEN_S = 1_024 / 22_050
REFERENCE = (np.random.default_rng(1).standard_normal(64_000) * 3_000).astype("<i2").tobytes()


@pytest.fixture(scope="module")
def model(xtts: Path) -> XttsModel:
    return XttsModel(describe(xtts), CoquiOptions(device="cpu", chunk_tokens=10))


def said(voice: str = STOCK[0], likeness: object = None, speed: float = 1.0, seed: int = 1) -> Said:
    return Said("La casa es grande.", "es", voice, likeness, speed, seed)


def test_it_is_loaded_as_its_files_say(model: XttsModel, xtts: Path) -> None:
    """Its voices, and how much it can say in one go; and no file was changed."""
    assert model.voices == tuple(sorted(STOCK))
    assert model.longest == {"en": 250, "es": 239, "fr": 273}
    assert sorted(os.listdir(xtts)) == ["config.json", "model.pth", "speakers_xtts.pth", "vocab.json"]


def test_sound_comes_while_it_is_made(model: XttsModel) -> None:
    """A chunk for every ten tokens, all of them together as long as the sentence."""
    chunks = [len(chunk) for chunk in model.stream(said())]
    assert len(chunks) >= AUDIO_TOKENS // 10
    assert chunks[0] / 24_000 == pytest.approx(10 * TOKEN_S, abs=0.1)
    assert sum(chunks) / 24_000 == pytest.approx(AUDIO_TOKENS * TOKEN_S, abs=0.15)


def test_the_same_is_said_the_same(model: XttsModel) -> None:
    """By the seed; in another voice it sounds different."""
    first, again, other = (np.concatenate(list(model.stream(what))) for what in (said(), said(), said(voice=STOCK[1])))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[: len(other)], other[: len(first)])


def test_speed_makes_it_shorter(model: XttsModel) -> None:
    """Without another pitch, since it is the model's own."""
    own, hurried = (sum(map(len, model.stream(said(speed=speed)))) for speed in (1.0, 1.25))
    assert hurried == pytest.approx(own / 1.25, rel=0.05)


def test_it_speaks_like_somebody(model: XttsModel) -> None:
    """From a reference in memory."""
    likeness = model.likeness(REFERENCE)
    own, theirs = (next(iter(model.stream(what))) for what in (said(), said(likeness=likeness)))
    assert not np.array_equal(own, theirs)


@pytest.mark.parametrize("missing", ["model.pth", "vocab.json", SPEAKERS])
def test_what_is_missing_is_told(missing: str, tmp_path: Path, xtts: Path) -> None:
    """By its name."""
    for file in xtts.iterdir():
        if file.name != missing:
            shutil.copy(file, tmp_path)
    with pytest.raises(EngineUnavailableError, match=missing):
        XttsModel(describe(tmp_path), CoquiOptions(device="cpu"))


def test_weights_of_another_model_are_told(tmp_path: Path, xtts: Path) -> None:
    """Before anybody calls."""
    import torch

    for file in xtts.iterdir():
        shutil.copy(file, tmp_path)
    torch.save({"model": {"a": torch.zeros(2)}}, tmp_path / "model.pth")
    with pytest.raises(EngineUnavailableError, match="does not fit"):
        XttsModel(describe(tmp_path), CoquiOptions(device="cpu"))
