from typing import Any

import pytest

from pipeline.engines.deepgram.messages import Error, Metadata, Results, told
from pipeline.engines.engine import EngineError

# The example of developers.deepgram.com/docs/live-streaming-audio, shortened.
EXAMPLE = {
    "type": "Results",
    "channel_index": [0, 1],
    "duration": 1.98,
    "start": 5.99,
    "is_final": True,
    "speech_final": True,
    "channel": {
        "alternatives": [
            {
                "transcript": "Tell me more about this.",
                "confidence": 0.99964225,
                "words": [
                    {"word": "tell", "start": 6.07, "end": 6.35, "confidence": 0.99, "punctuated_word": "Tell"},
                ],
            }
        ]
    },
    "metadata": {"request_id": "52cc0efe-fa77-4aa7-b79c-0dda09de2f14", "model_info": {"name": "2-general-nova"}},
    "from_finalize": False,
}


def test_the_documented_example_is_understood() -> None:
    """Words, times and what is final; the rest is not needed."""
    results = told(EXAMPLE)
    assert isinstance(results, Results)
    assert (results.start, results.duration, results.is_final, results.speech_final) == (5.99, 1.98, True, True)
    (word,) = results.channel.alternatives[0].words
    assert (word.word, word.punctuated_word, word.start, word.end) == ("tell", "Tell", 6.07, 6.35)


def test_the_other_kinds_are_understood() -> None:
    """As far as they matter."""
    assert isinstance(told({"type": "Metadata", "duration": 0.0}), Metadata)
    assert told({"type": "Error", "variant": "DATA-0000", "description": "..."}) == Error("DATA-0000")
    assert isinstance(told({"type": "Results"}), Results)


@pytest.mark.parametrize("message", [{}, {"type": "SpeechStarted"}, {"type": 17}, {"type": None}])
def test_unknown_kinds_say_nothing(message: dict[str, Any]) -> None:
    """The protocol may grow."""
    assert told(message) is None


@pytest.mark.parametrize(
    "channel", ["secret", {"alternatives": "secret"}, {"alternatives": [{"words": [{"word": "secret"}]}]}]
)
def test_nonsense_is_an_error_and_not_quoted(channel: object) -> None:
    """It may be what somebody said."""
    with pytest.raises(EngineError) as refused:
        told({"type": "Results", "channel": channel})
    assert "secret" not in str(refused.value)
