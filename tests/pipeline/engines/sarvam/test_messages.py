from typing import Any

import pytest

from pipeline.engines.engine import EngineError
from pipeline.engines.sarvam.messages import Error, Final, Partial, SessionEnd, told


def test_the_documented_events_are_understood() -> None:
    """As far as they matter."""
    assert told({"event": "transcript.partial", "utterance_idx": 0, "text": "नम", "language": None}) == Partial("नम")
    final = {"event": "transcript.final", "text": "नमस्ते", "language": "hi-IN", "language_confidence": 0.9, "start_s": 0}
    assert told(final) == Final("नमस्ते", None, "hi-IN", 0.9)
    assert isinstance(told({"event": "session.end", "total_utterances": 3}), SessionEnd)
    error = {"event": "error", "code": "invalid_config", "is_fatal": False, "message": "...", "status_code": 400}
    assert told(error) == Error("invalid_config", False, 400)


@pytest.mark.parametrize("message", [{}, {"event": "session.begin"}, {"event": "pong"}, {"event": 17}])
def test_other_events_say_nothing(message: dict[str, Any]) -> None:
    """The protocol may grow."""
    assert told(message) is None


def test_nonsense_is_an_error_and_not_quoted() -> None:
    """It may be what somebody said."""
    with pytest.raises(EngineError) as refused:
        told({"event": "transcript.final", "text": ["secret"]})
    assert "secret" not in str(refused.value)
