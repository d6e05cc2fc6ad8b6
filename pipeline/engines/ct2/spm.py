"""SentencePiece's model files, read without its library: they are a list of pieces, and a few rules.

Fields: github.com/google/sentencepiece, src/sentencepiece_model.proto. The encoding is Protocol Buffers'
(protobuf.dev/programming-guides/encoding).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Kind(IntEnum):
    """What a piece is for (SentencePiece.Type)."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    # Found in any text before everything else.
    USER_DEFINED = 4
    UNUSED = 5
    # One byte of UTF-8, for what no other piece covers.
    BYTE = 6


class Algorithm(IntEnum):
    """How a text is cut (TrainerSpec.ModelType)."""

    UNIGRAM = 1
    BPE = 2
    WORD = 3
    CHAR = 4


@dataclass(frozen=True)
class Piece:
    """One piece: its text, where a blank is written as U+2581, and its score (a log probability, or minus its rank)."""

    text: str
    score: float = 0.0
    kind: Kind = Kind.NORMAL


@dataclass(frozen=True)
class SpmModel:
    """A whole file."""

    pieces: tuple[Piece, ...]
    algorithm: Algorithm = Algorithm.UNIGRAM
    byte_fallback: bool = False
    # How characters are replaced before anything else (a compiled table); empty: not at all.
    charsmap: bytes = b""
    # Whether a text begins with a blank, though it does not.
    dummy_prefix: bool = True
    # Whether blanks at both ends go, and several become one.
    trims: bool = True


class NotSentencePieceError(ValueError):
    """A file is no SentencePiece model, or one of a kind that translation models do not have."""


def read_spm(path: Path) -> SpmModel:
    """Read a model file. Blocks: the largest have 5 MB, and take half a second.

    Raises:
        NotSentencePieceError: it is none.
        OSError: it cannot be read.
    """
    try:
        model = _model(path.read_bytes())
    except (ValueError, IndexError, struct.error):
        raise NotSentencePieceError(f"{path.name} is no SentencePiece model") from None
    if not model.pieces or model.algorithm not in (Algorithm.UNIGRAM, Algorithm.BPE):
        raise NotSentencePieceError(f"{path.name} has no pieces, or none that are known here")
    return model


def _model(data: bytes) -> SpmModel:
    pieces: list[Piece] = []
    trainer: dict[int, int | bytes] = {}
    normalizer: dict[int, int | bytes] = {}
    for number, value in _fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            pieces.append(_piece(value))
        elif number == 2:
            trainer = dict(_fields(value))
        elif number == 3:
            normalizer = dict(_fields(value))
    charsmap = normalizer.get(2, b"")
    return SpmModel(
        tuple(pieces),
        algorithm=Algorithm(_number(trainer.get(3, 1))),
        byte_fallback=bool(_number(trainer.get(35, 0))),
        charsmap=charsmap if isinstance(charsmap, bytes) else b"",
        dummy_prefix=bool(_number(normalizer.get(3, 1))),
        trims=bool(_number(normalizer.get(4, 1))),
    )


def _piece(data: bytes) -> Piece:
    text, score, kind = "", 0.0, Kind.NORMAL
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            text = value.decode()
        elif number == 2 and isinstance(value, bytes):
            (score,) = struct.unpack("<f", value)
        elif number == 3:
            kind = Kind(_number(value))
    return Piece(text, score, kind)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Go through one message: field numbers, with integers, or the bytes of everything else."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            number, at = _varint(data, at)
            yield key >> 3, number
            continue
        if wire == 2:
            size, at = _varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(wire, -1)
        if size < 0 or at + size > len(data):
            raise ValueError(wire)
        yield key >> 3, data[at : at + size]
        at += size


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError(value)
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
