"""XTTS: seventeen languages, sound while it is made, and the speaker's own voice (docs.coqui.ai, models/xtts)."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipeline.engines.coqui.description import Description
from pipeline.engines.coqui.model import Said, Sound
from pipeline.engines.coqui.weights import device_of, gpu_errors, read, state
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.options.coqui import CoquiOptions

REFERENCE_RATE = 16_000
"""Hertz of a reference."""
SPEAKERS = "speakers_xtts.pth"
"""The file with the voices that come with the model."""


class XttsModel:
    """One that is loaded; see `Model`. One stream at a time: it keeps the sentence at hand in the model itself."""

    imitates = True

    def __init__(self, description: Description, options: CoquiOptions) -> None:
        from TTS.config import load_config
        from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
        from TTS.tts.models.xtts import Xtts

        folder = description.folder
        for name in ("model.pth", "vocab.json", SPEAKERS):
            if not (folder / name).is_file():
                raise EngineUnavailableError(f"the XTTS model has no {name}", "`parley models pull xtts-v2`")
        self._options = options
        self._config: Any = load_config(folder / "config.json")
        self._model: Any = Xtts(self._config)
        self._model.tokenizer = VoiceBpeTokenizer(vocab_file=folder / "vocab.json")
        self._model.init_models()
        self._fill(state(read(folder / "model.pth", allow_pickle=options.allow_pickle)))
        self._stock: dict[str, dict[str, Any]] = read(folder / SPEAKERS, allow_pickle=options.allow_pickle)
        self.voices = tuple(sorted(self._stock))
        limits: dict[str, int] = self._model.tokenizer.char_limits
        self.longest = {code: limits[code.split("-")[0]] for code in description.languages.values()}
        self.device = "cpu"
        if device_of(options.device) == "cuda":
            with gpu_errors():
                self._model.cuda()
                self.device = "cuda"

    def stream(self, said: Said) -> Iterator[Sound]:
        import torch

        latents, embedding = said.likeness or self._stock_voice(said.voice)
        with gpu_errors():
            torch.manual_seed(said.seed)
            chunks = self._model.inference_stream(
                said.text,
                said.language,
                latents,
                embedding,
                stream_chunk_size=self._options.chunk_tokens,
                temperature=self._config.temperature,
                length_penalty=self._config.length_penalty,
                repetition_penalty=self._config.repetition_penalty,
                top_k=self._config.top_k,
                top_p=self._config.top_p,
                speed=said.speed,
            )
            for chunk in chunks:
                yield chunk.float().cpu().numpy().reshape(-1)

    def likeness(self, reference: bytes) -> Any:
        import torch

        samples = np.frombuffer(reference, "<i2").astype(np.float32) / 32_768
        sound = torch.from_numpy(samples[: int(self._options.reference_most_s * REFERENCE_RATE)])[None, :]
        with gpu_errors():
            latents = self._model.get_gpt_cond_latents(
                sound.to(self.device),
                REFERENCE_RATE,
                length=self._config.gpt_cond_len,
                chunk_length=self._config.gpt_cond_chunk_len,
            )
            embedding = self._model.get_speaker_embedding(sound.to(self.device), REFERENCE_RATE)
        # In main memory: there they survive a full GPU.
        return latents.cpu(), embedding.cpu()

    def move_to_cpu(self) -> None:
        self._model.cpu()
        self.device = "cpu"

    def _stock_voice(self, name: str) -> tuple[Any, Any]:
        voice = self._stock[name]
        return voice["gpt_cond_latent"], voice["speaker_embedding"]

    def _fill(self, weights: dict[str, Any]) -> None:
        """Put the weights in, and make the model ready to stream, as its own `load_checkpoint` does.

        That one is not used, since it writes a converted checkpoint over the one it read.
        """
        ready = {"kv_cache": self._model.args.kv_cache}
        if any(name.startswith("gpt.gpt_inference.") for name in weights):
            # Checkpoints of version 1 hold the part for inference a second time.
            self._model.gpt.init_gpt_for_inference(**ready)
        try:
            self._model.load_state_dict(weights)
        except RuntimeError:
            raise EngineUnavailableError("model.pth does not fit config.json", "fetch the model again") from None
        self._model.hifigan_decoder.eval()
        self._model.gpt.init_gpt_for_inference(**ready)
        self._model.gpt.eval()
