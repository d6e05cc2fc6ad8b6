"""Voice.ai: eleven languages of Europe, sound while it is made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, ClassVar, Self

from pipeline.engines.casting import cast
from pipeline.engines.codes import code, tags
from pipeline.engines.engine import EngineInfo, RequestTooLargeError
from pipeline.engines.http.address import clean_key
from pipeline.engines.http.client import HttpClient
from pipeline.engines.options.voiceai import VoiceAIOptions
from pipeline.engines.spoken_answer import pcm_of, requests_of
from pipeline.engines.spoken_text import speakable
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.tempo import Tempo

PATH = "api/v1/tts/speech/stream"
SAMPLE_RATE = 32_000
"""Hertz of its PCM, which is mono s16le."""
LONGEST_REQUEST = 1_000
"""Characters. Its documentation names no limit; what is shorter begins to sound sooner."""
LONGEST_TEXT = 20_000
"""Characters in one clause, which has some hundred; longer ones are refused."""
CHUNK_BYTES = SAMPLE_RATE * 2 // 5
"""200 ms."""


class Engine:
    """Speaks by voice.ai/docs/api-reference/text-to-speech/speech-stream.

    It knows no speed: faster speech is made here, at the same pitch.
    """

    Options = VoiceAIOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="voiceai",
        stage="synthesis",
        licence="Apache-2.0",
        model_licence="LicenseRef-VoiceAI-Terms",
        where="network",
        streams=True,
        concurrency=4,
        quality=70,
    )
    sample_rate = SAMPLE_RATE

    def __init__(self, options: VoiceAIOptions = VoiceAIOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self._client = _client(options)
        self.languages = tags("voiceai", options.codes)

    @classmethod
    def check(cls, options: VoiceAIOptions = VoiceAIOptions()) -> None:  # noqa: B008 - it is frozen
        _client(options)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    async def synthesize(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        """Yield PCM as it comes; see `Synthesizer`. Closing the iterator closes the connection."""
        language = code("voiceai", request.language, self._options.codes)
        text = speakable(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        tempo = Tempo(SAMPLE_RATE, request.speed)
        for part in requests_of(text, LONGEST_REQUEST) if text else ():
            answer = self._client.stream(PATH, self._body(part, language, request.voice_seed))
            async with aclosing(answer), aclosing(pcm_of(answer, CHUNK_BYTES)) as chunks:
                async for chunk in chunks:
                    if pcm := tempo.push(chunk):
                        yield pcm
        if rest := tempo.finish():
            yield rest

    def _body(self, text: str, language: str, voice_seed: str) -> dict[str, Any]:
        options = self._options
        body: dict[str, Any] = {
            "text": text,
            "language": language,
            "audio_format": "pcm",
            "temperature": options.temperature,
            "top_p": options.top_p,
        }
        # What is left out, the provider chooses: the model by the language, and its built-in voice.
        if options.model:
            body["model"] = options.model
        if voice := cast(voice_seed, options.voices):
            body["voice_id"] = voice
        return body


def _client(options: VoiceAIOptions) -> HttpClient:
    return HttpClient.to(
        options, {"Authorization": f"Bearer {clean_key(options.api_key, 'voiceai')}"}, timeout_s=options.timeout_s
    )
