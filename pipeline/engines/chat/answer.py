"""What a chat endpoint answers: platform.openai.com/docs/api-reference/chat/object."""

import re
from typing import Any

import msgspec

from pipeline.engines.engine import EngineError, ImplausibleAnswerError
from pipeline.engines.plain_text import plain

# What models that think aloud put in front; and quotation marks around everything.
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_QUOTED = re.compile(r"\A([\"“„«「『'])(.*)([\"”“»」』'])\Z", re.DOTALL)


class Message(msgspec.Struct):
    """The model's message. A refusal has no content."""

    content: str | None = None
    refusal: str | None = None


class Choice(msgspec.Struct):
    """One answer; we ask for one."""

    message: Message
    # `stop`: it came to its end; `length`: it was cut off; `content_filter`: the provider took it away.
    finish_reason: str | None = None


class Completion(msgspec.Struct):
    """The whole answer."""

    choices: list[Choice]


def answer_of(told: Any, text: str) -> str:
    """Take the translation out of an answer, without what stands around it.

    Args:
        told: the answer's JSON.
        text: what was to be translated: if it stands in quotation marks, so may the answer.

    Raises:
        EngineError: it is no completion.
        ImplausibleAnswerError: the model refused, was cut off, or said nothing.
    """
    try:
        choice = msgspec.convert(told, Completion).choices[0]
    except (msgspec.ValidationError, IndexError):
        raise EngineError("the answer is no chat completion") from None
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ImplausibleAnswerError("the model refused")
    if choice.finish_reason == "length":
        raise ImplausibleAnswerError("the model did not come to an end")
    content = _THOUGHTS.sub("", choice.message.content or "").strip()
    quoted = _QUOTED.match(content)
    if quoted and not _QUOTED.match(text) and quoted[1] not in quoted[2]:
        content = quoted[2].strip()
    return "\n".join(line for line in map(plain, content.splitlines()) if line)
