"""Reading weights so that no code of theirs runs, and putting them onto a device."""

import contextlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.engines.coqui.model import OutOfGpuMemoryError
from pipeline.engines.engine import EngineUnavailableError

UNUSED = ("torch_mel_spectrogram_style_encoder", "torch_mel_spectrogram_dvae", "dvae")
"""Parts of a checkpoint that only training needs."""


def read(path: Path, *, allow_pickle: bool) -> Any:
    """Read a file that `torch.save` wrote, onto the CPU.

    Without `allow_pickle` only numbers, texts and containers of them are read (`weights_only` of `torch.load`), and
    Coqui's own descriptions of XTTS, which its published checkpoint holds: data classes without code.

    Raises:
        EngineUnavailableError: it cannot be read, or not without running code that it brings along.
    """
    import torch

    try:
        with torch.serialization.safe_globals(_descriptions()):
            return torch.load(path, map_location="cpu", weights_only=not allow_pickle)
    except pickle.UnpicklingError:
        why = f"{path.name} holds more than numbers"
        remedy = "take another file, or set engines.coqui.allow_pickle if you trust whoever made this one"
        raise EngineUnavailableError(why, remedy) from None
    except (OSError, RuntimeError, EOFError, ValueError, LookupError) as error:
        why = f"{path.name} cannot be read ({type(error).__name__})"
        raise EngineUnavailableError(why, "fetch the model again") from None


def state(checkpoint: Any) -> dict[str, Any]:
    """Take the weights out of a checkpoint, under the names that the model itself has for them."""
    weights = checkpoint["model"] if isinstance(checkpoint, dict) and "model" in checkpoint else checkpoint
    named = {str(name).removeprefix("xtts."): value for name, value in weights.items()}
    return {name: value for name, value in named.items() if name.split(".")[0] not in UNUSED}


def device_of(wanted: str) -> str:
    """Choose where to compute.

    Raises:
        EngineUnavailableError: a GPU is asked for, and there is none that PyTorch can use.
    """
    import torch

    here = torch.cuda.is_available()
    if wanted == "cuda" and not here:
        raise EngineUnavailableError("PyTorch finds no GPU", "set engines.coqui.device to cpu, or look at its driver")
    return "cuda" if here and wanted != "cpu" else "cpu"


@contextlib.contextmanager
def gpu_errors() -> Iterator[None]:
    """Tell when the GPU's memory is full, and let go of what can be."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        raise OutOfGpuMemoryError from None


def _descriptions() -> list[Any]:
    from TTS.config.shared_configs import BaseDatasetConfig
    from TTS.tts.configs import xtts_config

    # Where these two were when the published checkpoint was made.
    moved = [(getattr(xtts_config, name), f"TTS.tts.models.xtts.{name}") for name in ("XttsArgs", "XttsAudioConfig")]
    return [xtts_config.XttsConfig, xtts_config.XttsArgs, xtts_config.XttsAudioConfig, BaseDatasetConfig, *moved]
