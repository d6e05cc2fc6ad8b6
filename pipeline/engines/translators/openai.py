"""OpenAI-compatible chat endpoints: GPT, and local servers of language models that speak the same protocol.

platform.openai.com/docs/api-reference/chat/create: POST /chat/completions with `model`, `messages`, `temperature`,
`max_tokens`; errors: platform.openai.com/docs/guides/error-codes.
"""

import json
import secrets
from typing import Any, ClassVar, Self

import msgspec
from prometheus_client import Counter

from pipeline.engines.chat.answer import answer_of
from pipeline.engines.chat.prompt import messages
from pipeline.engines.engine import (
    EngineInfo,
    EngineUnavailableError,
    ImplausibleAnswerError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.http.client import HttpClient
from pipeline.engines.options.openai_translation import OWN, OpenAITranslationOptions
from pipeline.engines.plain_text import LONGEST_TEXT, plain
from pipeline.engines.plausible import fault_of
from pipeline.engines.scripts import is_letter
from pipeline.engines.translator import TranslationRequest
from pipeline.messages.language import hears, normalise

KEY_REMEDY = "set engines.openai_translation.api_key (PARLEY_ENGINES__OPENAI_TRANSLATION__API_KEY, or ..._FILE)"
DEFAULTS = OpenAITranslationOptions()
SPARE_TOKENS = 64
"""Tokens of an answer that even the shortest text may have: one character of some languages takes several."""

IMPLAUSIBLE = Counter(
    "parley_translation_implausible_total", "Answers of a language model that were no translation, by why.", ["why"]
)


class Engine:
    """Asks a language model, whose answer is looked at before anybody hears it.

    What was said is marked as data and never an instruction; if the model obeys it all the same, or answers, refuses or
    explains, `plausible.py` finds that, and the chain's next engine translates.
    """

    Options = OpenAITranslationOptions

    info: ClassVar[EngineInfo] = EngineInfo(
        name="openai",
        stage="translation",
        licence="Apache-2.0",
        model_licence="LicenseRef-terms-of-the-endpoint",
        where="network",
        streams=False,
        concurrency=16,
        quality=70,
    )

    def __init__(self, options: OpenAITranslationOptions = DEFAULTS) -> None:
        self.check(options)
        self._options = options
        tags = sorted({normalise(tag) for tag in options.languages})
        self.pairs = frozenset((source, target) for source in tags for target in tags if not hears(target, source))
        self._extra = _extra(options.extra)
        key = options.api_key.strip()
        self._client = HttpClient(
            options.base_url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout_s=options.timeout_s,
            concurrency=options.concurrency,
            max_body=1 << 20,
        )

    @classmethod
    def check(cls, options: OpenAITranslationOptions = DEFAULTS) -> None:
        if options.base_url.rstrip("/") == OWN and not options.api_key.strip():
            raise EngineUnavailableError("there is no key for OpenAI, and no other endpoint", KEY_REMEDY)
        _extra(options.extra)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    async def translate(self, request: TranslationRequest) -> str:
        if (request.source, request.target) not in self.pairs:
            raise UnsupportedLanguageError(f"{request.source} to {request.target} is not in engines.openai_translation")
        text = plain(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        if not any(map(is_letter, text)):
            return text  # nothing in it is of any language
        answer = answer_of(await self._client.post_json("chat/completions", self._body(request, text)), text)
        fault = fault_of(text, answer, request.source, request.target)
        if fault:
            IMPLAUSIBLE.labels(fault).inc()
            raise ImplausibleAnswerError(f"the model's answer is no translation: {fault}")
        return answer

    def _body(self, request: TranslationRequest, text: str) -> dict[str, Any]:
        options = self._options
        plain_request = msgspec.structs.replace(request, text=text)
        body: dict[str, Any] = {
            "model": options.model,
            "messages": messages(
                plain_request, secrets.token_hex(4), terms=options.glossary_terms, context=options.context
            ),
            "temperature": 0,
            "max_tokens": SPARE_TOKENS + int(options.longest * len(text)),
        }
        body |= self._extra
        return {name: value for name, value in body.items() if value is not None}


def _extra(fields: tuple[str, ...]) -> dict[str, Any]:
    """Read the setting `extra`: NAME=JSON.

    Raises:
        EngineUnavailableError: one of them is not.
    """
    read: dict[str, Any] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        try:
            read[name.strip()] = json.loads(value)
        except ValueError:
            equals = ""
        if not (name.strip() and equals):
            raise EngineUnavailableError("extra of openai_translation is not NAME=JSON", 'write seed=1, or stop="."')
    return read
