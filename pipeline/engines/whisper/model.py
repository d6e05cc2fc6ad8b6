"""Loading a Whisper model: which one, on what, with which numbers."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.models.found import path_of
from pipeline.engines.options.faster_whisper import TRAINED_S, FasterWhisperOptions

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

LARGE_FIRST = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny")
"""What `auto` takes with a GPU: the first that is here."""
SMALL_FIRST = ("base", "small", "tiny", "medium", "large-v3-turbo", "large-v3")
"""And without one: each window is decoded several times while it grows, which larger ones do not do in time."""
GPU_TYPES = ("float16", "int8_float16", "float32")
"""The best first."""
MOST_THREADS = 4
NEEDED = ("model.bin", "tokenizer.json")
"""Without its tokenizer faster-whisper would fetch one from the network."""

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True)
class Plan:
    """How a model is run."""

    device: Device
    compute_type: str
    # Of a final pass.
    beam_size: int
    # A window's length is filled up to a multiple of this, in seconds.
    pad_to_s: float
    threads: int


def locate(options: FasterWhisperOptions, *, gpu: bool | None = None) -> Path:
    """Give the folder of the model that is set; `auto`: of the best one here. Looks only, and never downloads.

    Raises:
        EngineUnavailableError: it is not on this machine, or not whole; the remedy is the command that fetches it.
    """
    if options.model == "auto":
        return _best(options, _has_gpu() if gpu is None else gpu)
    folder = path_of(options.model, options.models_dir)
    for name in NEEDED:
        if not (folder / name).is_file():
            raise EngineUnavailableError(f"{folder} holds no {name}", "name a model that `parley models list` has")
    return folder


def is_english_only(options: FasterWhisperOptions, folder: Path) -> bool:
    """Say by its name whether a model hears English only."""
    return any(name.endswith((".en", "-en")) or name.startswith("distil-") for name in (options.model, folder.name))


def load(options: FasterWhisperOptions, folder: Path) -> tuple["WhisperModel", Plan]:
    """Load a model. Blocks for a second or more.

    Raises:
        EngineUnavailableError: what is in the folder is no such model, or the device that was asked for is not there.
    """
    import ctranslate2
    from faster_whisper import WhisperModel

    gpus = ctranslate2.get_cuda_device_count()
    if options.device == "cuda" and not gpus:
        raise EngineUnavailableError("there is no GPU that CTranslate2 can use", "set the device to cpu or auto")
    device: Device = "cpu" if options.device == "cpu" or not gpus else "cuda"
    plan = plan_for(options, device, ctranslate2.get_supported_compute_types(device))
    kwargs: dict[str, Any] = {"cpu_threads": plan.threads, "local_files_only": True}
    try:
        model = WhisperModel(str(folder), device=device, compute_type=plan.compute_type, **kwargs)
    except (RuntimeError, ValueError) as error:
        remedy = "fetch it again, or set another compute_type or device"
        raise EngineUnavailableError(f"the model in {folder} could not be loaded ({error})", remedy) from error
    return model, plan


def plan_for(options: FasterWhisperOptions, device: Device, supported: Collection[str]) -> Plan:
    """Decide what was left to us. `supported`: the compute types that the device has.

    Raises:
        EngineUnavailableError: it has not the one that is set.
    """
    wanted = options.compute_type
    if wanted == "auto":
        choices = GPU_TYPES if device == "cuda" else ("int8", "float32")
        wanted = next((each for each in choices if each in supported), "float32")
    elif wanted not in ("default", *supported):
        known = ", ".join(sorted(supported))
        raise EngineUnavailableError(f"this {device} cannot do {wanted}", f"set compute_type to auto, or to {known}")
    on_gpu = device == "cuda"
    return Plan(
        device=device,
        compute_type=wanted,
        beam_size=options.beam_size or (5 if on_gpu else 1),
        pad_to_s=options.pad_to_s or (TRAINED_S if on_gpu else 10.0),
        threads=options.threads or min(MOST_THREADS, len(os.sched_getaffinity(0))),
    )


def _best(options: FasterWhisperOptions, gpu: bool) -> Path:
    missing: EngineUnavailableError | None = None
    for name in LARGE_FIRST if gpu else SMALL_FIRST:
        try:
            return path_of(name, options.models_dir)
        except EngineUnavailableError as error:
            missing = missing or error
    assert missing is not None  # noqa: S101 - there are names in both
    raise missing


def _has_gpu() -> bool:
    """Say whether there is an NVIDIA GPU; CTranslate2 itself is too large to be asked before it is needed."""
    return os.path.exists("/dev/nvidiactl") or os.path.exists("/dev/dxg")
