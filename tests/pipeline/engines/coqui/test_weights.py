"""Reading weights, and nothing that they bring along."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.coqui.model import OutOfGpuMemoryError
from pipeline.engines.coqui.weights import device_of, gpu_errors, read, state
from pipeline.engines.engine import EngineUnavailableError


class Dangerous:
    """Runs code when it is read."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Path, ("somebody's code ran",)


def test_checkpoints_are_put_into_the_models_own_names() -> None:
    """Whether the trainer wrote them or nobody, and without what only training needs."""
    weights = {"xtts.gpt.a": 1, "hifigan.b": 2, "xtts.dvae.c": 3, "torch_mel_spectrogram_dvae.d": 4}
    assert state({"model": weights, "optimizer": 5}) == state(weights) == {"gpt.a": 1, "hifigan.b": 2}


def test_numbers_are_read_and_code_is_not(tmp_path: Path, xtts: Path) -> None:
    """Unless whoever runs it says so."""
    import torch

    assert isinstance(read(xtts / "model.pth", allow_pickle=False)["model"], dict)
    torch.save({"model": {"a": torch.zeros(2)}, "config": Dangerous()}, tmp_path / "model.pth")
    with pytest.raises(EngineUnavailableError, match="holds more than numbers"):
        read(tmp_path / "model.pth", allow_pickle=False)
    assert read(tmp_path / "model.pth", allow_pickle=True)["config"] == Path("somebody's code ran")


def test_the_published_checkpoint_is_read_as_it_is(tmp_path: Path, xtts: Path) -> None:
    """It holds Coqui's own description of the model, under a name of old; and the file stays as it is."""
    import torch
    from TTS.config import load_config
    from TTS.tts.configs import xtts_config

    path = tmp_path / "model.pth"
    config = load_config(xtts / "config.json")
    own = xtts_config.XttsArgs.__module__
    import TTS.tts.models.xtts as place

    try:
        xtts_config.XttsArgs.__module__ = xtts_config.XttsAudioConfig.__module__ = place.__name__
        torch.save({"model": {"a": torch.zeros(2)}, "config": config}, path)
    finally:
        xtts_config.XttsArgs.__module__ = xtts_config.XttsAudioConfig.__module__ = own
    before = path.read_bytes()
    assert list(state(read(path, allow_pickle=False))) == ["a"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and so on", pickle.dumps([1, 2], protocol=2)[:5]], ids=["empty", "cut", "odd"]
)
def test_what_cannot_be_read_is_told(content: bytes, tmp_path: Path, xtts: Path) -> None:
    """With what to do."""
    (tmp_path / "model.pth").write_bytes(content)
    with pytest.raises(EngineUnavailableError, match=r"model\.pth"):
        read(tmp_path / "model.pth", allow_pickle=False)


def test_a_gpu_that_is_not_there_is_told(xtts: Path) -> None:
    """`auto` does without one."""
    import torch

    if torch.cuda.is_available():
        assert device_of("auto") == device_of("cuda") == "cuda"
    else:
        assert device_of("auto") == "cpu"
        with pytest.raises(EngineUnavailableError, match="finds no GPU"):
            device_of("cuda")
    assert device_of("cpu") == "cpu"


def test_a_full_gpu_is_told_apart(xtts: Path) -> None:
    """It is the only error after which the CPU helps."""
    import torch

    with pytest.raises(OutOfGpuMemoryError), gpu_errors():
        raise torch.OutOfMemoryError("CUDA out of memory")
    with pytest.raises(RuntimeError, match="another"), gpu_errors():
        raise RuntimeError("another")
