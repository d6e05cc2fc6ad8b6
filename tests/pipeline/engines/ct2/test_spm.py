"""SentencePiece's model files."""

from pathlib import Path

import pytest

from pipeline.engines.ct2.spm import Algorithm, Kind, NotSentencePieceError, read_spm

DATA = Path(__file__).parent / "data"


def test_a_file_is_read() -> None:
    """Pieces, scores, kinds and rules."""
    model = read_spm(DATA / "unigram_bytes.model")
    assert (model.algorithm, model.byte_fallback, model.dummy_prefix, model.trims) == (
        Algorithm.UNIGRAM,
        True,
        True,
        True,
    )
    kinds = {piece.text: piece.kind for piece in model.pieces}
    assert kinds["<unk>"] is Kind.UNKNOWN
    assert kinds["</s>"] is Kind.CONTROL
    assert kinds["<2de>"] is Kind.USER_DEFINED
    assert kinds["<0xFF>"] is Kind.BYTE
    assert model.charsmap
    assert read_spm(DATA / "bpe.model").algorithm is Algorithm.BPE


@pytest.mark.parametrize("data", [b"", b"hello", b"\x0a\xff", b"\x0f", b"\x08\x01", b"\x0a\x03\x0a\x01\xff"])
def test_what_is_no_model_is_refused(data: bytes, tmp_path: Path) -> None:
    """By its name, and not by a failure somewhere inside."""
    (tmp_path / "x.model").write_bytes(data)
    with pytest.raises(NotSentencePieceError, match=r"x\.model"):
        read_spm(tmp_path / "x.model")


def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    """Wherever it does."""
    whole = (DATA / "bpe.model").read_bytes()
    for size in range(7, len(whole) - 1, 501):
        (tmp_path / "x.model").write_bytes(whole[:size])
        try:
            read_spm(tmp_path / "x.model")
        except NotSentencePieceError:
            continue
