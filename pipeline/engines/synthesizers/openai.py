"""OpenAI-compatible speech: OpenAI's, or that of a server of one's own, which needs no key."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, ClassVar, Self

from pipeline.engines.casting import cast
from pipeline.engines.codes import tags
from pipeline.engines.engine import EngineInfo, RequestTooLargeError, UnsupportedLanguageError
from pipeline.engines.http.address import optional_key
from pipeline.engines.http.client import HttpClient
from pipeline.engines.options.openai_speech import OpenAISpeechOptions
from pipeline.engines.spoken_answer import pcm_of, requests_of
from pipeline.engines.spoken_text import speakable
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.messages.language import normalise

PATH = "audio/speech"
LONGEST_REQUEST = 2_000
"""Characters; OpenAI takes 4,096, but what is shorter begins to sound sooner."""
LONGEST_TEXT = 20_000
"""Characters in one clause, which has some hundred; longer ones are refused."""
CHUNK_MS = 200
SLOWEST, FASTEST = 0.25, 4.0
"""OpenAI's limits of speed."""


class Engine:
    """Speaks by platform.openai.com/docs/api-reference/audio/createSpeech: PCM, as it is made."""

    Options = OpenAISpeechOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="openai",
        stage="synthesis",
        licence="Apache-2.0",
        model_licence="LicenseRef-OpenAI-Terms",
        where="network",
        streams=True,
        concurrency=16,
        quality=80,
    )

    def __init__(self, options: OpenAISpeechOptions = OpenAISpeechOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self._client = _client(options)
        self.languages = frozenset(map(normalise, options.languages)) or tags("openai", options.codes)
        self.sample_rate = options.sample_rate

    @classmethod
    def check(cls, options: OpenAISpeechOptions = OpenAISpeechOptions()) -> None:  # noqa: B008 - it is frozen
        _client(options)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    async def synthesize(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        """Yield PCM as it comes; see `Synthesizer`. Closing the iterator closes the connection."""
        if request.language not in self.languages:
            raise UnsupportedLanguageError(f"openai does not speak {request.language}")
        text = speakable(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        chunk_bytes = self.sample_rate * CHUNK_MS // 1000 * 2
        for part in requests_of(text, LONGEST_REQUEST) if text else ():
            answer = self._client.stream(PATH, self._body(part, request))
            async with aclosing(answer), aclosing(pcm_of(answer, chunk_bytes)) as chunks:
                async for chunk in chunks:
                    yield chunk

    def _body(self, text: str, request: SynthesisRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._options.model,
            "input": text,
            "voice": cast(request.voice_seed, self._options.voices),
            "response_format": "pcm",
            "speed": min(max(request.speed, SLOWEST), FASTEST),
        }
        if self._options.instructions:
            body["instructions"] = self._options.instructions
        return body


def _client(options: OpenAISpeechOptions) -> HttpClient:
    return HttpClient.to(
        options, optional_key(options.api_key, options.base_url, "openai_speech"), timeout_s=options.timeout_s
    )
