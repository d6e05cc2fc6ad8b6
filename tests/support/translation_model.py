"""Small translation models with random weights, in the form in which CTranslate2's converters write real ones.

They cannot translate, but everything around a translation runs with them: files, pieces, tokens, batches, decoding.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import TransformerSpec, common_spec

UNKNOWN, START, END = "<unk>", "<s>", "</s>"
WIDTH, HEADS, LAYERS, INNER, POSITIONS = 32, 2, 1, 64, 512
WORDS = (
    "the house is big we will meet tomorrow at nine in garden good morning thank you very much "
    "a b c d e f g h i j k l m n o p q r s t u v w x y z , . ? !"
)
BLANK = "\u2581"


def pieces_of(words: str = WORDS) -> list[str]:
    """Give the pieces of the models' vocabulary: words with the blank before them, and letters."""
    each = words.split()
    return list(dict.fromkeys([BLANK, *(f"{BLANK}{word}" for word in each), *each]))


def write_pieces(path: Path, pieces: Sequence[str], *, defined: Sequence[str] = ()) -> None:
    """Write a SentencePiece model (unigram), as sentencepiece_model.proto has it; longer pieces are likelier."""
    kinds = [(UNKNOWN, 0.0, 2), (START, 0.0, 3), (END, 0.0, 3), *((piece, 0.0, 4) for piece in defined)]
    kinds += [(piece, -10.0 + 0.5 * len(piece) - 0.001 * place, 1) for place, piece in enumerate(pieces)]
    data = b"".join(
        _bytes(1, _bytes(1, text.encode()) + _float(2, score) + _int(3, kind)) for text, score, kind in kinds
    )
    path.write_bytes(data + _bytes(2, _int(3, 1)) + _bytes(3, _int(3, 1) + _int(4, 1)))


def write_model(
    folder: Path, vocabulary: Sequence[str], *, seed: int = 0, config: dict[str, Any] | None = None
) -> None:
    """Write model.bin, config.json and shared_vocabulary.json.

    The end of a sentence is made unlikely, so that there is always some text.
    """
    rng = np.random.default_rng(seed)
    spec = TransformerSpec.from_config(LAYERS, HEADS, pre_norm=True, activation=common_spec.Activation.RELU)
    spec.config.add_source_bos = spec.config.add_source_eos = False
    for name, value in {"bos_token": START, "eos_token": END, "unk_token": UNKNOWN}.items():
        setattr(spec.config, name, value)
    spec.config.decoder_start_token = END
    for name, value in (config or {}).items():
        spec.config.add_attribute(name, value)
    embeddings = rng.normal(0, 1, (len(vocabulary), WIDTH)).astype(np.float32)
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = True
        table = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        table.weight = embeddings
        side.position_encodings.encodings = rng.normal(0, 0.3, (POSITIONS, WIDTH)).astype(np.float32)
        _norm(side.layer_norm)
        for layer in side.layer:
            _attention(layer.self_attention, rng, parts=[3, 1])
            if side is spec.decoder:
                _attention(layer.attention, rng, parts=[1, 2, 1])
            _norm(layer.ffn.layer_norm)
            _linear(layer.ffn.linear_0, rng, INNER, WIDTH)
            _linear(layer.ffn.linear_1, rng, WIDTH, INNER)
    projection = spec.decoder.projection
    projection.weight = rng.normal(0, 1, (len(vocabulary), WIDTH)).astype(np.float32)
    words = [not token.startswith(("<", "__", ">>")) and "_" not in token[1:] for token in vocabulary]
    projection.bias = np.where(words, 0.0, -100.0).astype(np.float32)
    spec.register_source_vocabulary(list(vocabulary))
    spec.register_target_vocabulary(list(vocabulary))
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def write_nllb(folder: Path, codes: Sequence[str] = ("eng_Latn", "spa_Latn", "zho_Hans"), *, seed: int = 0) -> Path:
    """Write a model of many languages whose requests begin with the language's code."""
    pieces = pieces_of()
    write_model(folder, [START, "<pad>", END, UNKNOWN, *pieces, *codes], seed=seed)
    write_pieces(folder / "sentencepiece.bpe.model", pieces)
    return folder


def write_m2m100(folder: Path, languages: Sequence[str] = ("en", "es", "de"), *, seed: int = 1) -> Path:
    """Write a model of many languages that are called __en__ and so on."""
    pieces = pieces_of()
    write_model(folder, [START, "<pad>", END, UNKNOWN, *pieces, *(f"__{code}__" for code in languages)], seed=seed)
    write_pieces(folder / "sentencepiece.bpe.model", pieces)
    return folder


def write_madlad(folder: Path, languages: Sequence[str] = ("en", "es", "fr"), *, seed: int = 2) -> Path:
    """Write a model that is told its target by a piece in the text."""
    pieces, targets = pieces_of(), [f"<2{code}>" for code in languages]
    write_model(folder, [UNKNOWN, START, END, *targets, *pieces], seed=seed)
    write_pieces(folder / "sentencepiece.model", pieces, defined=targets)
    return folder


def write_opus(folder: Path, *, targets: Sequence[str] = (), seed: int = 3, adds_end: bool = False) -> Path:
    """Write a model of one pair, or of several targets with tokens like >>spa<<."""
    pieces = pieces_of()
    config = {"add_source_eos": True} if adds_end else {}
    write_model(folder, [END, UNKNOWN, *pieces, *targets, "<pad>"], seed=seed, config=config)
    for side in ("source.spm", "target.spm"):
        write_pieces(folder / side, pieces)
    return folder


def vocabulary_of(folder: Path) -> list[str]:
    """Read a model's vocabulary again."""
    words: list[str] = json.loads((folder / "shared_vocabulary.json").read_text("utf-8"))
    return words


def _norm(spec: Any) -> None:
    spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _linear(spec: Any, rng: np.random.Generator, out: int, into: int) -> None:
    spec.weight = rng.normal(0, 0.3, (out, into)).astype(np.float32)
    spec.bias = np.zeros(out, np.float32)


def _attention(spec: Any, rng: np.random.Generator, *, parts: Sequence[int]) -> None:
    _norm(spec.layer_norm)
    for linear, times in zip(spec.linear, parts, strict=True):
        _linear(linear, rng, WIDTH * times, WIDTH)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + np.float32(value).tobytes()
