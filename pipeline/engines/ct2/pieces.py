"""Text to pieces and back, as SentencePiece does it; tests compare with what its library gave."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.engines.ct2.byte_pairs import join_pairs
from pipeline.engines.ct2.charsmap import CharsMap
from pipeline.engines.ct2.spm import Algorithm, Kind, SpmModel, read_spm
from pipeline.engines.ct2.unigram import UNKNOWN_PENALTY, cut_unigram

BLANK = "\u2581"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class Pieces:
    """One model's pieces. Thread-safe: nothing changes after it was made."""

    def __init__(self, model: SpmModel) -> None:
        self._model = model
        self._normal = CharsMap(model.charsmap) if model.charsmap else None
        normal = [piece for piece in model.pieces if piece.kind is Kind.NORMAL]
        lowest = min((piece.score for piece in normal), default=0.0)
        highest = max((piece.score for piece in normal), default=0.0)
        self._defined = frozenset(piece.text for piece in model.pieces if piece.kind is Kind.USER_DEFINED)
        self._scores = {piece.text: piece.score for piece in normal}
        self._scores |= {text: len(text) * highest - 0.1 for text in self._defined}
        self._unknown = lowest - UNKNOWN_PENALTY
        self._longest = max(map(len, self._scores), default=1)
        self._silent = frozenset(
            piece.text for piece in model.pieces if piece.kind in (Kind.CONTROL, Kind.UNKNOWN, Kind.UNUSED)
        )
        # The longest first, so that it is found where another one is its beginning.
        defined = "|".join(map(re.escape, sorted(self._defined, key=len, reverse=True)))
        self._split = re.compile(f"({defined})") if defined else None

    @classmethod
    def read(cls, path: Path) -> "Pieces":
        """Read a model file. Raises as `read_spm`."""
        return cls(read_spm(path))

    def encode(self, text: str) -> list[str]:
        """Cut a text into pieces. What no piece covers comes as it is, or as bytes where the model has them."""
        line = self._normalised(text)
        if not line:
            return []
        if self._model.algorithm is Algorithm.UNIGRAM:
            cut = cut_unigram(line, self._scores, self._longest, self._unknown)
        else:
            joined = join_pairs(self._symbols(line), self._scores, self._defined.__contains__)
            cut = [(piece, piece in self._scores) for piece in joined]
        return self._known(cut)

    def decode(self, pieces: Iterable[str]) -> str:
        """Put pieces together again. Pieces that are not text, as the end of a sentence, are left out."""
        text = bytearray()
        for piece in pieces:
            if found := _BYTE.fullmatch(piece) if self._model.byte_fallback else None:
                text.append(int(found[1], 16))
            elif piece not in self._silent:
                text += piece.replace(BLANK, " ").encode()
        return text.decode(errors="ignore").removeprefix(" ")

    def _normalised(self, text: str) -> str:
        """Replace characters, but not within pieces that the user defined; then blanks."""
        parts = self._split.split(text) if self._split else [text]
        line = "".join(part if part in self._defined else self._replaced(part) for part in parts)
        if self._model.trims:
            line = re.sub(" +", " ", line).strip(" ")
        if line and self._model.dummy_prefix:
            line = " " + line
        return line.replace(" ", BLANK)

    def _replaced(self, text: str) -> str:
        return self._normal.replace(text) if self._normal else text

    def _symbols(self, line: str) -> Sequence[str]:
        parts = self._split.split(line) if self._split else [line]
        return [symbol for part in parts for symbol in ([part] if part in self._defined else part)]

    def _known(self, cut: list[tuple[str, bool]]) -> list[str]:
        """Write what is no piece: as bytes, or as one piece for several characters in a row."""
        pieces: list[str] = []
        after_unknown = False
        for piece, known in cut:
            if known:
                pieces.append(piece)
            elif self._model.byte_fallback:
                pieces += [f"<0x{byte:02X}>" for byte in piece.encode()]
            elif after_unknown:
                pieces[-1] += piece
            else:
                pieces.append(piece)
            after_unknown = not known and not self._model.byte_fallback
        return pieces
