"""What is taken from a chat endpoint's answer."""

from typing import Any

import pytest

from pipeline.engines.chat.answer import answer_of
from pipeline.engines.engine import EngineError, ImplausibleAnswerError


def told(content: str | None, reason: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": {}}


@pytest.mark.parametrize(
    ("content", "text", "answer"),
    [
        ("hola", "hello", "hola"),
        ("  hola \t a\ttodos ", "hello", "hola a todos"),
        ('"hola"', "hello", "hola"),
        ("«hola»", "hello", "hola"),
        ('"hola"', '"hello"', '"hola"'),
        ('"a" y "b"', "a and b", '"a" y "b"'),
        ("<think>They say hello.\n\nSo</think>\nhola", "hello", "hola"),
        ("hola\n\nnota", "hello", "hola\nnota"),
        (None, "hello", ""),
    ],
)
def test_only_the_translation_is_taken(content: str, text: str, answer: str) -> None:
    """Thoughts, blanks and quotation marks around it are not; lines stay, for the check that looks at them."""
    assert answer_of(told(content), text) == answer


@pytest.mark.parametrize(
    "refused", [told(None, refusal="No."), told("", "content_filter"), told("hola ho", "length")], ids=repr
)
def test_a_refusal_or_half_an_answer_is_no_translation(refused: Any) -> None:
    """The same request again would not help."""
    with pytest.raises(ImplausibleAnswerError) as caught:
        answer_of(refused, "hello")
    assert not caught.value.retriable


@pytest.mark.parametrize("garbage", [None, [], "x", 7, {}, {"choices": []}, {"choices": [{}]}, {"error": {}}], ids=repr)
def test_what_is_no_completion_is_an_error(garbage: Any) -> None:
    """Which may pass."""
    with pytest.raises(EngineError) as caught:
        answer_of(garbage, "hello")
    assert caught.value.retriable
