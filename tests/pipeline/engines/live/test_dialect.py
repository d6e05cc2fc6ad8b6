from pipeline.engines.live.dialect import PIECE_BYTES, pieces


def test_sound_goes_out_in_short_pieces() -> None:
    """In order, all of it."""
    pcm = bytes(range(256)) * 100
    cut = pieces(pcm)
    assert b"".join(cut) == pcm
    assert max(map(len, cut)) == PIECE_BYTES
    assert pieces(b"") == []
