"""What a voice does to the spectrum on average."""

import pytest

from pipeline.engines.sphinx.cepstral_mean import (
    LEAST_FRAMES,
    MEMORY_FRAMES,
    PRIOR_FRAMES,
    VOICES,
    CepstralMean,
    VoiceMemory,
)


def mean(value: float, frames: int = LEAST_FRAMES) -> CepstralMean:
    return CepstralMean((value, -value), frames)


def test_it_survives_the_decoders_form() -> None:
    """Read and written as numbers with commas."""
    assert CepstralMean.parse("40,3.5,-1") == CepstralMean((40, 3.5, -1), 0)
    assert CepstralMean.parse(str(mean(1.25, 0))) == mean(1.25, 0)


def test_the_first_guess_is_taken_out() -> None:
    """What the decoder reports is a mixture; what is left is the sound alone."""
    mixed = (PRIOR_FRAMES * 40 + 100 * 55) / (PRIOR_FRAMES + 100)
    heard = mean(mixed, 100).without(mean(40, 0))
    assert heard.values == pytest.approx((55, -55))
    assert heard.frames == 100


def test_nothing_heard_is_nothing_learnt() -> None:
    """Without frames there is only the guess, of no weight."""
    assert mean(47, 0).without(mean(40, 7)) == mean(40, 0)
    assert mean(1, 0).and_also(mean(2, 0)) == mean(1, 0)


def test_means_are_weighed_by_their_frames() -> None:
    """Up to what is remembered of a voice."""
    assert mean(10, 100).and_also(mean(40, 200)).values[0] == pytest.approx(30)
    old = mean(10, 100 * MEMORY_FRAMES).and_also(mean(40, MEMORY_FRAMES))
    assert old.values[0] == pytest.approx(25)


def test_a_voice_is_remembered() -> None:
    """Each its own, growing with what is heard."""
    memory = VoiceMemory()
    assert memory.recall("anna") is None
    memory.learn("anna", mean(10))
    memory.learn("ben", mean(50))
    memory.learn("anna", mean(30))
    assert memory.recall("anna") == mean(20, 2 * LEAST_FRAMES)
    assert memory.recall("ben") == mean(50)


def test_a_word_is_not_a_voice() -> None:
    """Too short an utterance says too little."""
    memory = VoiceMemory()
    memory.learn("anna", mean(10, LEAST_FRAMES - 1))
    assert memory.recall("anna") is None


def test_memory_is_bounded() -> None:
    """The voice that was heard longest ago is forgotten."""
    memory = VoiceMemory()
    for n in range(VOICES):
        memory.learn(str(n), mean(n))
    memory.learn("0", mean(0))
    memory.learn("new", mean(1))
    assert memory.recall("0") is not None
    assert memory.recall("1") is None
