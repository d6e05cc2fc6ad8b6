from typing import Any

import pytest

from pipeline.engines.engine import EngineError
from pipeline.engines.openai_transcription.answer import decoded
from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions
from pipeline.engines.windowed.utterance import Decoded

# The example of platform.openai.com/docs/api-reference/audio/verbose-json-object, shortened.
EXAMPLE: dict[str, Any] = {
    "task": "transcribe",
    "language": "english",
    "duration": 8.47,
    "text": "The beach was a popular spot on a hot summer day.",
    "segments": [
        {
            "id": 0,
            "seek": 0,
            "start": 0.0,
            "end": 3.32,
            "text": " The beach was a popular spot on a hot summer day.",
            "tokens": [50364, 440],
            "temperature": 0.0,
            "avg_logprob": -0.286,
            "compression_ratio": 1.236,
            "no_speech_prob": 0.0098,
        }
    ],
    "usage": {"type": "duration", "seconds": 9},
}


def read(answer: Any, length_ms: int = 4_000) -> Decoded:
    return decoded(answer, length_ms, OpenAITranscriptionOptions())


def word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end}


def test_the_documented_example_is_understood() -> None:
    """Without word times, the segment's are spread over its words."""
    heard = read(EXAMPLE)
    assert " ".join(word.text for word in heard.words) == EXAMPLE["text"]
    assert (heard.words[0].start_ms, heard.words[-1].end_ms) == (0, 3_320)
    assert heard.language == "en"


def test_words_get_the_marks_of_the_text() -> None:
    """OpenAI's word times come without them; what it spells otherwise there stays as it is."""
    words = [word("The", 0, 0.2), word("beach", 0.2, 0.5), word("20", 0.5, 0.7), word("day", 0.8, 1)]
    heard = read({"text": "The beach, twenty day.", "words": words})
    assert [word.text for word in heard.words] == ["The", "beach,", "20", "day."]
    assert (heard.words[1].start_ms, heard.words[1].end_ms) == (200, 500)


def test_words_within_segments_are_found_too() -> None:
    """As whisper.cpp's server has them, with their probability."""
    segment = {
        "start": 0,
        "end": 1,
        "text": " Hi.",
        "words": [{**word(" Hi.", 0.1, 0.4), "probability": 0.8}, word("", 1, 1)],
    }
    (heard,) = read({"text": " Hi.", "language": "en", "segments": [segment]}).words
    assert (heard.text, heard.start_ms, heard.end_ms, heard.confidence) == ("Hi.", 100, 400, 0.8)


def test_text_alone_is_spread_over_the_sound() -> None:
    """The `json` format has nothing else."""
    assert [(word.text, word.start_ms, word.end_ms) for word in read({"text": "Good day."}, 1_000).words] == [
        ("Good", 0, 500),
        ("day.", 500, 1_000),
    ]


@pytest.mark.parametrize("signs", [{"no_speech_prob": 0.9, "avg_logprob": -1.2}, {"compression_ratio": 3.0}])
@pytest.mark.parametrize("with_words", [True, False])
def test_what_the_model_doubts_itself_is_not_believed(signs: dict[str, float], with_words: bool) -> None:
    """Only that segment goes."""
    good = {"start": 0.0, "end": 1.0, "text": " Good day."}
    bad = {"start": 1.0, "end": 2.0, "text": " Thanks for watching!", **signs}
    answer = {"text": "Good day. Thanks for watching!", "segments": [good, bad]}
    if with_words:
        answer["words"] = [word("Good", 0, 0.4), word("day", 0.5, 0.9), word("Thanks", 1.1, 1.4), word("for", 1.5, 1.9)]
    assert [word.text for word in read(answer).words] == ["Good", "day."]


def test_one_sign_of_silence_is_not_enough() -> None:
    """A model that is sure of its words is believed."""
    segment = {"start": 0.0, "end": 1.0, "text": "Yes.", "no_speech_prob": 0.9, "avg_logprob": -0.2}
    assert read({"text": "Yes.", "segments": [segment]}).words


def test_a_loop_is_not_believed() -> None:
    """Where there is only text, by how well it packs."""
    assert read({"text": "and then " * 40}).words == ()


def test_times_are_in_order_and_within_the_sound() -> None:
    """Whisper often ends behind it."""
    heard = read({"text": "a b", "words": [word("a", 0.5, 0.2), word("b", 0.1, 9)]}, 1_000)
    assert [(word.start_ms, word.end_ms) for word in heard.words] == [(500, 510), (510, 1_000)]


@pytest.mark.parametrize("answer", [None, [], {}, {"text": 1}, {"text": "secret", "words": "secret"}, {"error": "x"}])
def test_anything_else_is_an_error_and_not_quoted(answer: Any) -> None:
    """It may be what somebody said."""
    with pytest.raises(EngineError) as refused:
        read(answer)
    assert "secret" not in str(refused.value)
    assert refused.value.retriable


def test_a_language_that_nobody_knows_is_not_told() -> None:
    """Nor one that is missing."""
    assert read({"text": "", "language": "klingon"}).language == ""
    assert read({"text": "", "language": None}).language == ""
