from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.spoken_answer import HEADERS, pcm_of, requests_of


async def given_in(pieces: list[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece


async def chunks_of(pieces: list[bytes], chunk_bytes: int = 8) -> list[bytes]:
    async with aclosing(given_in(pieces)) as answer:
        return [chunk async for chunk in pcm_of(answer, chunk_bytes)]


async def test_sound_is_cut_between_samples() -> None:
    """Wherever the network cut it."""
    pcm = bytes(range(64))
    for size in (1, 3, 7, 64):
        chunks = await chunks_of([pcm[at : at + size] for at in range(0, 64, size)])
        assert b"".join(chunks) == pcm
        assert all(len(chunk) % 2 == 0 and 0 < len(chunk) <= 8 for chunk in chunks)


@pytest.mark.parametrize("pieces", [[], [b""], [b"\x01"]])
async def test_less_than_a_sample_is_no_sound(pieces: list[bytes]) -> None:
    """There is nothing to hear in it."""
    assert await chunks_of(pieces) == []


async def test_the_shortest_sound_is_heard() -> None:
    """One sample; half of the next is lost."""
    assert await chunks_of([b"\x01\x02\x03"]) == [b"\x01\x02"]


@pytest.mark.parametrize("header", HEADERS)
async def test_files_of_other_formats_are_refused(header: bytes) -> None:
    """They would be noise in people's ears, wherever they are cut."""
    with pytest.raises(EngineUnavailableError, match="instead of PCM"):
        await chunks_of([header[:3], header[3:] + bytes(20)])


def test_a_clause_is_one_request() -> None:
    """As it is."""
    assert requests_of("Good day. How are you?", 100) == ["Good day. How are you?"]


def test_a_monologue_is_cut_between_sentences() -> None:
    """As many as fit go together."""
    assert requests_of("One two. Three four. Five six.", 21) == ["One two. Three four.", "Five six."]


@given(st.text("ab .,", max_size=200), st.integers(5, 50))
def test_nothing_is_lost_and_nothing_too_long(text: str, most: int) -> None:
    """Whatever the text."""
    parts = requests_of(text, most)
    assert all(len(part) <= most for part in parts)
    letters = [character for character in text if character.isalnum()]
    assert [character for part in parts for character in part if character.isalnum()] == letters
