"""Decoding windows of several speakers at once, on a small model with random weights."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import pytest

from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.whisper.decoding import MOST_PROMPT, Decoding, Job
from pipeline.engines.whisper.model import load
from tests.support.whisper_model import SCRIPT, micro_model

OPTIONS = FasterWhisperOptions(device="cpu", compute_type="float32", threads=1)
SAID = list(SCRIPT)


@pytest.fixture(scope="module")
def decoding() -> Decoding:
    return Decoding(load(OPTIONS, micro_model())[0], OPTIONS)


def job(seconds: float = 2.0, *, width_s: float = 4.0, **others: Any) -> Job:
    features = np.random.default_rng(round(seconds * 10)).normal(0, 0.5, (80, round(width_s * 100)))
    plain = Job(features.astype(np.float32), round(seconds * 100), 0, (), 1, "en")
    return replace(plain, **others)


def texts(decoded: list[Any]) -> list[list[str]]:
    return [[word.text for word in words] for words in decoded]


def test_a_batch_gives_each_its_words_with_times(decoding: Decoding) -> None:
    """Within its own sound, by its own place in the utterance."""
    decoded = decoding.decode([job(1.0), job(3.0, start_ms=5_000)])
    assert texts(decoded) == [SAID, SAID]
    for words, (first, last) in zip(decoded, ((0, 1_000), (5_000, 8_000)), strict=True):
        assert first <= words[0].start_ms < words[-1].end_ms <= last


def test_a_batch_says_what_each_says_alone(decoding: Decoding) -> None:
    """Down to the times of the words."""
    jobs = [job(1.0), job(2.0), job(3.5)]
    alone = [decoding.decode([each])[0] for each in jobs]
    assert decoding.decode(jobs) == alone


def test_windows_may_be_shorter_than_thirty_seconds(decoding: Decoding) -> None:
    """CTranslate2 takes any width; a shorter one in a batch is filled up."""
    assert texts(decoding.decode([job(width_s=3.0)])) == [SAID]
    assert texts(decoding.decode([job(width_s=6.0), job(width_s=3.0)])) == [SAID, SAID]


def test_languages_may_differ_in_a_batch(decoding: Decoding) -> None:
    """Who is to be detected is asked with the probabilities of all languages."""
    asked: list[Mapping[str, float]] = []

    def choose(probabilities: Mapping[str, float]) -> str:
        asked.append(probabilities)
        return "de"

    assert texts(decoding.decode([job(), job(language=choose), job(language="es")])) == [SAID] * 3
    (probabilities,) = asked
    assert max(probabilities, key=probabilities.__getitem__) == "en"
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-3)


def test_several_beams_are_followed(decoding: Decoding) -> None:
    """A sure sentence stays the same."""
    assert texts(decoding.decode([job(beam_size=3)])) == [SAID]


def test_a_prompt_holds_hotwords_a_rooms_words_and_the_initial_prompt(decoding: Decoding) -> None:
    """In that order, and never more than half of what the decoder has places for."""
    decode = decoding.tokenizer("en").decode
    model = decoding._model
    told = Decoding(model, replace(OPTIONS, hotwords="Parley, Opus ", initial_prompt="A talk."))
    assert decode(list(told.prompt(("Ann", " Bob ")))) == " Parley, Opus, Ann, Bob A talk."
    assert told.prompt(()) != ()
    assert decoding.prompt(()) == ()
    assert len(told.prompt(("word",) * 500)) <= MOST_PROMPT
    assert len(Decoding(model, replace(OPTIONS, initial_prompt="word " * 500)).prompt(())) == MOST_PROMPT


def test_windows_with_prompts_are_decoded(decoding: Decoding) -> None:
    """This model has its words at fixed places, so a prompt, and the token before it, take the place of as many."""
    prompt = decoding.prompt(("Ann",))
    assert texts(decoding.decode([job(prompt=prompt), job(prompt=prompt)])) == [SAID[len(prompt) + 1 :]] * 2


def test_windows_that_cannot_be_in_one_batch_are_told_apart() -> None:
    """CTranslate2 wants prompts of one length, and a beam for all; a GPU would rather fill up than wait."""
    plain = job(width_s=4.0)
    assert plain.fits(job(3.0, width_s=4.0, language="de"), pads=False)
    assert not plain.fits(job(prompt=(1,)), pads=True)
    assert not plain.fits(job(beam_size=2), pads=True)
    shorter = job(width_s=3.0)
    assert not plain.fits(shorter, pads=False)
    assert plain.fits(shorter, pads=True)
    assert not shorter.fits(plain, pads=True)


def test_what_is_not_believed_has_no_words(decoding: Decoding) -> None:
    """It costs nobody else's words."""
    results = decoding._model.model.generate

    class Doubtful:
        """The model, unsure of its first row."""

        def __init__(self, model: Any) -> None:
            self._model = model

        def __getattr__(self, name: str) -> Any:
            return getattr(self._model, name)

        def generate(self, *args: Any, **kwargs: Any) -> list[Any]:
            first, *rest = results(*args, **kwargs)
            return [mock.Mock(sequences_ids=first.sequences_ids, scores=[-5.0], no_speech_prob=0.1), *rest]

    with mock.patch.object(decoding._model, "model", Doubtful(decoding._model.model)):
        assert texts(decoding.decode([job(1.0), job(2.0)])) == [[], SAID]


def test_loops_are_cut_before_they_are_aligned(decoding: Decoding) -> None:
    """So that the words that stay have the times of their own sound."""
    tokens = [1_000, *[1_001] * 9, 1_002]
    result = mock.Mock(sequences_ids=[tokens], scores=[-0.1], no_speech_prob=0.0)
    assert decoding._believed(job(), "en", result) == [1_000, 1_001, 1_001, 1_001, 1_002]
