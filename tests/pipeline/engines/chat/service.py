"""A chat endpoint on loopback whose model does as it is told, or not."""

import re
from collections.abc import Callable
from typing import Any

from pipeline.engines.options.openai_translation import OpenAITranslationOptions
from tests.support.provider import Answer, Provider, Request

PATH = "/v1/chat/completions"
KEY = "test-key-1111"


def completion(content: str | None, **other: Any) -> Answer:
    """Write the answer of platform.openai.com/docs/api-reference/chat/object."""
    message = {"role": "assistant", "content": content, "refusal": None} | other
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    return Answer(json={"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage})


def clause_of(request: Request) -> str:
    """Find what was to be translated."""
    data = request.json["messages"][1]["content"]
    found = re.search(r"<clause ([0-9a-f]+)>(.*)</clause \1>", data, re.DOTALL)
    assert found is not None
    return found[2]


def backwards(request: Request) -> Answer:
    """Translate: every word comes backwards, in capitals, so that what reads the same both ways is another."""
    return completion(" ".join(word[::-1].upper() for word in clause_of(request).split()))


class ChatService(Provider):
    """A provider whose model's answers are given by a function."""

    def __init__(self, model: Callable[[Request], Answer] = backwards) -> None:
        super().__init__()
        self.on("POST", PATH, model)

    def options(self, **other: Any) -> OpenAITranslationOptions:
        """Give options that lead here."""
        ours: dict[str, Any] = {"base_url": f"{self.url}/v1", "api_key": KEY, "model": "tiny", "timeout_s": 1.0}
        return OpenAITranslationOptions(**(ours | other))
