"""VITS: small models of one language or some, quick on a CPU; a sentence at once (docs.coqui.ai, models/vits)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.engines.coqui.description import Description
from pipeline.engines.coqui.model import Said, Sound
from pipeline.engines.coqui.weights import device_of, gpu_errors, read, state
from pipeline.engines.engine import EngineError, EngineUnavailableError
from pipeline.engines.options.coqui import CoquiOptions

LONGEST = 300
"""Characters in one go: its memory grows with their square."""
WEIGHTS = ("model.pth", "model_file.pth", "best_model.pth")
"""What the file with the weights is called, by whoever wrote it."""
SIDE_FILES = {
    "speakers_file": ("speaker_ids.json", "speakers.json", "speakers.pth"),
    "language_ids_file": ("language_ids.json",),
}
"""Files beside it that its config.json names by where they were when it was taught."""


class VitsModel:
    """One that is loaded; see `Model`. It speaks in its own voices only."""

    imitates = False

    def __init__(self, description: Description, options: CoquiOptions) -> None:
        from TTS.config import load_config
        from TTS.tts.models.vits import Vits

        folder = description.folder
        config: Any = load_config(folder / "config.json")
        _here(config, folder)
        self._model: Any = Vits(config)
        weights = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
        if weights is None:
            raise EngineUnavailableError(f"the VITS model has no {WEIGHTS[0]}", "fetch the model again")
        self._fill(state(read(weights, allow_pickle=options.allow_pickle)))
        speakers = self._model.speaker_manager
        self.voices = tuple(sorted(speakers.name_to_id)) if speakers and speakers.name_to_id else ("",)
        self.longest = dict.fromkeys(description.languages.values(), LONGEST)
        self._several = self._model.language_manager is not None and self._model.language_manager.num_languages > 1
        # How long its phonemes are by itself.
        self._length_scale = float(self._model.length_scale)
        self.device = "cpu"
        if device_of(options.device) == "cuda":
            with gpu_errors():
                self._model.cuda()
                self.device = "cuda"

    def stream(self, said: Said) -> Iterator[Sound]:
        import torch

        with gpu_errors():
            torch.manual_seed(said.seed)
            self._model.length_scale = self._length_scale / said.speed
            language = said.language if self._several else None
            made = self._model.synthesize(said.text, speaker=said.voice or None, language=language)
        yield np.asarray(made["wav"], np.float32).reshape(-1)

    def likeness(self, reference: bytes) -> Any:  # noqa: ARG002 - as the other kind has it
        raise EngineError("a VITS model speaks in its own voices only")

    def move_to_cpu(self) -> None:
        self._model.cpu()
        self.device = "cpu"

    def _fill(self, weights: dict[str, Any]) -> None:
        # Some checkpoints hold the speaker encoder they were taught with.
        own = {name: value for name, value in weights.items() if "speaker_encoder" not in name}
        try:
            self._model.load_state_dict(own)
        except RuntimeError:
            raise EngineUnavailableError("the weights do not fit config.json", "fetch the model again") from None
        self._model.eval()


def _here(config: Any, folder: Path) -> None:
    """Let the configuration name the files beside it, where they are now."""
    for field, names in SIDE_FILES.items():
        for owner in (config, config.model_args):
            if owner.get(field):
                owner[field] = next((str(folder / name) for name in names if (folder / name).is_file()), owner[field])
