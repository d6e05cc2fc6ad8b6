"""Loading a Whisper model."""

from pathlib import Path

import pytest

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.whisper.model import Plan, is_english_only, load, locate, plan_for
from tests.support.whisper_model import micro_model

CPU = {"int8", "int8_float32", "float32"}
GPU = {"float16", "int8_float16", "float32"}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Find nothing that happens to lie on this machine."""
    for name in ("HF_HOME", "HF_HUB_CACHE", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))


def test_a_folder_is_taken_as_it_is() -> None:
    """If it holds what a model needs."""
    assert locate(FasterWhisperOptions(model=str(micro_model()))) == micro_model()


def test_a_folder_without_its_tokenizer_is_refused(tmp_path: Path) -> None:
    """faster-whisper would fetch one from the network, in the middle of a call."""
    (tmp_path / "model.bin").touch()
    with pytest.raises(EngineUnavailableError, match=r"holds no tokenizer\.json"):
        locate(FasterWhisperOptions(model=str(tmp_path)))


@pytest.mark.parametrize(("gpu", "name"), [(False, "base"), (True, "large-v3-turbo")])
def test_where_no_model_is_the_best_for_the_machine_is_named(gpu: bool, name: str) -> None:
    """With the command that fetches it."""
    with pytest.raises(EngineUnavailableError, match=f"parley models pull {name}"):
        locate(FasterWhisperOptions(), gpu=gpu)


def test_english_models_are_known_by_their_names() -> None:
    """Before they are loaded."""
    for name, english in (("tiny.en", True), ("distil-large-v3", True), ("base", False)):
        assert is_english_only(FasterWhisperOptions(model=name), Path("/models/x")) is english
    assert is_english_only(FasterWhisperOptions(), Path("/models/small.en"))


def test_a_cpu_is_given_small_numbers_one_beam_and_short_windows() -> None:
    """What it can do in time."""
    plan = plan_for(FasterWhisperOptions(threads=2), "cpu", CPU)
    assert plan == Plan("cpu", "int8", beam_size=1, pad_to_s=10.0, threads=2)


def test_a_gpu_is_given_what_the_model_was_trained_with() -> None:
    """Half precision, five beams, 30 s."""
    plan = plan_for(FasterWhisperOptions(threads=2), "cuda", GPU)
    assert plan == Plan("cuda", "float16", beam_size=5, pad_to_s=30.0, threads=2)
    assert plan_for(FasterWhisperOptions(), "cuda", {"float32"}).compute_type == "float32"


def test_what_is_set_counts() -> None:
    """If the device can do it."""
    options = FasterWhisperOptions(compute_type="float32", beam_size=3, pad_to_s=5.0)
    plan = plan_for(options, "cpu", CPU)
    assert (plan.compute_type, plan.beam_size, plan.pad_to_s) == ("float32", 3, 5.0)
    with pytest.raises(EngineUnavailableError, match="this cpu cannot do float16"):
        plan_for(FasterWhisperOptions(compute_type="float16"), "cpu", CPU)


def test_a_model_is_loaded_without_the_network() -> None:
    """All that is needed is in its folder."""
    model, plan = load(FasterWhisperOptions(device="cpu", threads=1), micro_model())
    assert (model.model.is_multilingual, plan.device) == (True, "cpu")


def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    """With what to do."""
    for name in ("model.bin", "tokenizer.json"):
        (tmp_path / name).write_text("no model")
    with pytest.raises(EngineUnavailableError, match="could not be loaded"):
        load(FasterWhisperOptions(device="cpu"), tmp_path)
