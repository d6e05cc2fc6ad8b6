from typing import Any

import pytest

from pipeline.engines.deepgram.listening import Listening
from pipeline.engines.engine import EngineError, UnsupportedLanguageError
from pipeline.engines.options.deepgram import DeepgramOptions

SECOND = bytes(32_000)


def results(
    *words: tuple[str, float, float], start: float = 0.0, end: float, is_final: bool = False, answer: bool = False
) -> dict[str, Any]:
    heard = [{"word": text, "start": begin, "end": finish, "confidence": 0.5} for text, begin, finish in words]
    return {
        "type": "Results",
        "start": start,
        "duration": end - start,
        "is_final": is_final,
        "from_finalize": answer,
        "channel": {"alternatives": [{"transcript": "", "words": heard}]},
    }


def listening(**options: Any) -> Listening:
    return Listening("en", DeepgramOptions(**options))


def test_final_words_stay_and_interim_ones_are_replaced() -> None:
    """`stable` counts those that stay."""
    ears = listening()
    ears.sound(SECOND * 2)
    ears.take(results(("a", 0.1, 0.3), end=0.5))
    assert (ears.hypothesis.text, ears.hypothesis.stable) == ("a", 0)
    ears.take(results(("an", 0.1, 0.3), end=0.6, is_final=True))
    ears.take(results(("apple", 0.6, 0.9), start=0.6, end=1.0))
    assert (ears.hypothesis.text, ears.hypothesis.stable) == ("an apple", 1)
    ears.take(results(("ape", 0.6, 0.9), start=0.6, end=1.1))
    assert (ears.hypothesis.text, ears.hypothesis.stable) == ("an ape", 1)
    assert [word.confidence for word in ears.hypothesis.words] == [0.5, 0.5]


def test_times_are_in_order_and_within_the_sound() -> None:
    """Whatever comes."""
    ears = listening()
    ears.sound(SECOND)
    ears.take(results(("a", 0.0, 0.6), end=0.5, is_final=True))
    ears.take(results(("b", 0.5, 0.5), ("c", 0.9, 1.4), start=0.5, end=1.0))
    assert [(word.start_ms, word.end_ms) for word in ears.hypothesis.words] == [(0, 600), (600, 610), (900, 1000)]


def test_a_flush_is_answered_by_final_results() -> None:
    """By what says so, or by what holds all sound; until then words are missing."""
    ears = listening()
    ears.sound(SECOND)
    assert ears.flush() == ({"type": "Finalize"},)
    flushed = [ears.flushed]
    for said in (results(end=0.5, is_final=True), results(start=0.5, end=0.9, is_final=True, answer=True)):
        ears.take(said)
        flushed.append(ears.flushed)
    ears.flush()
    ears.take(results(start=0.9, end=1.0, is_final=True))
    assert [*flushed, ears.flushed] == [False, False, True, True]
    assert ears.flush() == ()


def test_an_interim_result_answers_no_flush() -> None:
    """It may change."""
    ears = listening()
    ears.sound(SECOND)
    ears.flush()
    ears.take(results(end=1.0))
    assert not ears.flushed


def test_it_has_ended_when_metadata_come_after_the_end() -> None:
    """Not before."""
    ears = listening()
    ears.sound(SECOND)
    ears.take({"type": "Metadata"})
    states = [(ears.ended, ears.flushed)]
    assert ears.end() == ({"type": "CloseStream"},)
    states.append((ears.ended, ears.flushed))
    for said in (results(end=1.0, is_final=True), {"type": "Metadata"}):
        ears.take(said)
        states.append((ears.ended, ears.flushed))
    assert states == [(False, True), (False, False), (False, True), (True, True)]


def test_no_alternative_is_no_word() -> None:
    """Silence is told so."""
    ears = listening()
    ears.take({"type": "Results", "channel": {"alternatives": []}, "is_final": True})
    assert ears.hypothesis.words == ()


def test_an_error_is_raised_by_its_name() -> None:
    """Without its text."""
    with pytest.raises(EngineError, match="DATA-0000") as raised:
        listening().take({"type": "Error", "variant": "DATA-0000", "description": "secret"})
    assert "secret" not in str(raised.value)


def test_terms_are_called_keywords_by_older_models() -> None:
    """Settings change what is asked."""
    query = listening(model="nova-2", keyterms=("Parley",), smart_format=True, mip_opt_out=True, endpointing_ms=0).query
    asked = {("keywords", "Parley"), ("smart_format", "true"), ("mip_opt_out", "true"), ("endpointing", "false")}
    assert asked < set(query)


def test_languages_are_asked_for_by_deepgrams_codes() -> None:
    """Those that are set count too."""
    assert ("language", "zh-HK") in Listening("yue", DeepgramOptions()).query
    assert ("language", "multi") in Listening("auto", DeepgramOptions()).query
    assert ("language", "eo-x") in Listening("eo", DeepgramOptions(codes=("deepgram:eo=eo-x",))).query
    with pytest.raises(UnsupportedLanguageError):
        Listening("eo", DeepgramOptions())


def test_sound_of_any_length_is_counted_exactly() -> None:
    """A thousand pieces of a third of a millisecond are a third of a second."""
    ears = listening()
    for _ in range(1_000):
        ears.sound(bytes(10))
    ears.flush()
    ears.take(results(end=0.290, is_final=True))
    assert not ears.flushed
    ears.take(results(end=0.312, is_final=True))
    assert [ears.flushed] == [True]
