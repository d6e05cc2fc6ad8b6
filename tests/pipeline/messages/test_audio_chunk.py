"""Pieces of sound."""

from tests.pipeline.support import chunk


def test_a_chunk_ends_where_its_sound_does() -> None:
    """16 kHz of 16 bits: 32 bytes a millisecond; one that only carries a mark ends where it begins."""
    sounding, mark = chunk(300, ms=100), chunk(400, ms=0, last=True)
    assert (len(sounding.payload), sounding.end_ms, mark.end_ms) == (3200, 400, 400)


def test_a_speakers_chunks_keep_their_order() -> None:
    """The key is the speaker in the room."""
    assert chunk(user="ann").key == "room/ann"
