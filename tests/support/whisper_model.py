"""Whisper models with random weights, in CTranslate2's format: made here in a moment, loaded and run like real ones.

Their weights are noise, but for one thing: each place in the text is wired to one word of a script, so that such a
model says the same sentence whatever it hears, is sure of it, and stops. So the whole way from sound to words runs.
"""

import atexit
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCRIPT = ("we", "went", "home", "early,", "because", "the", "old", "house", "was", "cold", "and", "empty.")
"""What a model says if nothing else is asked for."""

FIRST_SPECIAL = 50_257
"""Where Whisper's multilingual vocabulary puts the end of the text; text is below, languages and the rest above."""
FIRST_WORD = 1_000
_LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
)
LANGUAGES = _LANGUAGES.split()
PROMPT = 4
"""Tokens before the text: start, language, task, no timestamps."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """Layers of encoder and decoder, width, heads, and mel bands."""

    encoder: int
    decoder: int
    width: int
    heads: int
    bands: int = 80


MICRO = Shape(2, 2, 64, 2)
"""For tests: built and loaded in less than a second."""
TINY = Shape(4, 4, 384, 6)
BASE = Shape(6, 6, 512, 8)
LARGE_V3_TURBO = Shape(32, 4, 1280, 20, 128)
"""As OpenAI's models of these names."""


def build(
    folder: Path,
    shape: Shape = MICRO,
    *,
    script: Sequence[str] = SCRIPT,
    language: str = "en",
    quantization: str | None = None,
) -> Path:
    """Write a model into a folder, and give the folder.

    It says the words of `script`, and detects `language`. `quantization`: how CTranslate2 is to store it.
    """
    from ctranslate2.specs import WhisperSpec

    folder.mkdir(parents=True, exist_ok=True)
    tokens = _vocabulary(script)
    spec = WhisperSpec(shape.encoder, shape.heads, shape.decoder, shape.heads)
    _Weights(shape.width).fill(spec, shape, _wires(tokens, script, language), len(tokens))
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokens.index("<|endoftext|>")]
    spec.config.lang_ids = [tokens.index(f"<|{each}|>") for each in LANGUAGES]
    spec.config.alignment_heads = [[shape.decoder - 1, head] for head in range(shape.heads)]
    spec.validate()
    spec.optimize(quantization)
    spec.save(str(folder))
    _write_tokenizer(folder / "tokenizer.json", tokens)
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": shape.bands}))
    return folder


@cache
def micro_model() -> Path:
    """Give the folder of a `MICRO` model, which is built once for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="whisper-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return build(folder)


def _vocabulary(script: Sequence[str]) -> list[str]:
    """Give the tokens in their order: bytes, words, specials, times."""
    # CTranslate2 knows a multilingual vocabulary by the empty token that the real one happens to end with.
    text = [*_bytes(), *(f"Ġu{number}" for number in range(len(_bytes()), FIRST_SPECIAL - 1)), ""]
    for number, word in enumerate(dict.fromkeys(script)):
        text[FIRST_WORD + number] = f"Ġ{word}"
    specials = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{language}|>" for language in LANGUAGES)]
    specials += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>"]
    specials += ["<|notimestamps|>", *(f"<|{number * 0.02:.2f}|>" for number in range(1501))]
    return [*text, *specials]


def _bytes() -> list[str]:
    """Give the letters by which byte-level tokenizers write the 256 bytes."""
    import tokenizers

    return sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())


def _wires(tokens: list[str], script: Sequence[str], language: str) -> dict[int, int]:
    """Say which token follows at which place of the text; the end at all others."""
    wires = {0: tokens.index(f"<|{language}|>"), 1: tokens.index("<|transcribe|>"), 2: tokens.index("<|notimestamps|>")}
    wires |= {PROMPT - 1 + number: tokens.index(f"Ġ{word}") for number, word in enumerate(script)}
    return wires | {PROMPT - 1 + len(script): tokens.index("<|endoftext|>")}


class _Weights:
    """Noise in the shapes that CTranslate2 wants them in (`ctranslate2.converters.transformers`, `WhisperLoader`)."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._random = np.random.default_rng(7)

    def fill(self, spec: Any, shape: Shape, wires: dict[int, int], tokens: int) -> None:
        width = self._width
        spec.encoder.conv1.weight = self._noise(width, shape.bands, 3)
        spec.encoder.conv2.weight = self._noise(width, width, 3)
        for conv in (spec.encoder.conv1, spec.encoder.conv2):
            conv.bias = self._noise(width)
        spec.encoder.position_encodings.encodings = self._noise(1500, width)
        self._norm(spec.encoder.layer_norm)
        for layer in spec.encoder.layer:
            self._attention(layer.self_attention, 3, 1)
            self._feed_forward(layer.ffn)
        self._decoder(spec.decoder, wires, tokens)

    def _decoder(self, decoder: Any, wires: dict[int, int], tokens: int) -> None:
        # Places are loud, so that what is heard and said before hardly counts.
        places = self._noise(448, self._width, scale=1.0)
        end = max(wires)
        places[end:] = places[end]
        words = self._noise(tokens, self._width)
        for place, token in wires.items():
            words[token] += 4 * places[place] / np.linalg.norm(places[place])
        decoder.embeddings.weight = self._noise(tokens, self._width)
        decoder.position_encodings.encodings = places
        decoder.projection.weight = words
        self._norm(decoder.layer_norm)
        for layer in decoder.layer:
            self._attention(layer.self_attention, 3, 1)
            self._attention(layer.attention, 1, 2, 1)
            self._feed_forward(layer.ffn)

    def _attention(self, spec: Any, *parts: int) -> None:
        """Fill projections of queries, keys and values, so many in one, and the one of the result."""
        self._norm(spec.layer_norm)
        for linear, part in zip(spec.linear, parts, strict=True):
            self._linear(linear, part * self._width, self._width)

    def _feed_forward(self, spec: Any) -> None:
        self._norm(spec.layer_norm)
        self._linear(spec.linear_0, 4 * self._width, self._width)
        self._linear(spec.linear_1, self._width, 4 * self._width)

    def _linear(self, spec: Any, rows: int, columns: int) -> None:
        spec.weight, spec.bias = self._noise(rows, columns), self._noise(rows)

    def _norm(self, spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(self._width, np.float32), np.zeros(self._width, np.float32)

    def _noise(self, *shape: int, scale: float = 0.02) -> Floats:
        return self._random.standard_normal(shape, np.float32) * np.float32(scale)


def _write_tokenizer(path: Path, tokens: list[str]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    text = {token: number for number, token in enumerate(tokens[:FIRST_SPECIAL])}
    tokenizer = Tokenizer(models.BPE(vocab=text, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[FIRST_SPECIAL:]])
    tokenizer.save(str(path))
