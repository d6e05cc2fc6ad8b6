"""OpenAI-compatible transcription: OpenAI's, or that of a server of one's own, which needs no key."""

import asyncio
import io
import wave
from typing import ClassVar, Self
from weakref import WeakSet

from pipeline.engines.codes import code, tags
from pipeline.engines.engine import EngineInfo
from pipeline.engines.hints import fitting
from pipeline.engines.http.address import optional_key
from pipeline.engines.http.client import HttpClient, Upload
from pipeline.engines.openai_transcription.answer import decoded
from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions
from pipeline.engines.windowed.utterance import BYTES_PER_MS, Decoded, WindowedUtterance
from pipeline.messages.language import AUTO

PATH = "audio/transcriptions"
HINTS_CHARACTERS = 400
"""Of the words to listen for: Whisper looks at the last 224 tokens of the prompt, and what is set comes behind them."""


class Engine:
    """Hears by platform.openai.com/docs/api-reference/audio/createTranscription: a WAV file for each window."""

    Options = OpenAITranscriptionOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="openai",
        stage="recognition",
        licence="Apache-2.0",
        model_licence="LicenseRef-OpenAI-Terms",
        where="network",
        streams=False,
        concurrency=16,
        quality=75,
    )

    def __init__(self, options: OpenAITranscriptionOptions = OpenAITranscriptionOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self._client = _client(options)
        self.languages = tags("openai", options.codes) | {AUTO}
        self._utterances: WeakSet[WindowedUtterance] = WeakSet()

    @classmethod
    def check(cls, options: OpenAITranscriptionOptions = OpenAITranscriptionOptions()) -> None:  # noqa: B008 - it is frozen
        _client(options)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.gather(*(utterance.abort() for utterance in tuple(self._utterances)))
        await self._client.__aexit__(*exc)

    async def open(
        self,
        language: str,
        speaker: str = "",  # noqa: ARG002 - it does not adapt
        hints: tuple[str, ...] = (),
    ) -> WindowedUtterance:
        prompt = ", ".join([*fitting(hints, HINTS_CHARACTERS), *filter(None, [self._options.prompt])])
        asked = "" if language == AUTO else code("openai", language, self._options.codes)

        async def decode(pcm: bytes) -> Decoded:
            return await self._decode(pcm, asked, prompt)

        utterance = WindowedUtterance(
            decode, language, step_ms=round(self._options.step_s * 1000), window_ms=round(self._options.window_s * 1000)
        )
        self._utterances.add(utterance)
        return utterance

    async def _decode(self, pcm: bytes, language: str, prompt: str) -> Decoded:
        options = self._options
        fields: dict[str, str | tuple[str, ...]] = {"model": options.model, "temperature": "0"}
        if language:
            fields["language"] = language
        if prompt:
            fields["prompt"] = prompt
        fields["response_format"] = _response_format(options)
        if fields["response_format"] == "verbose_json":
            # Segments too: they tell what is to be believed.
            fields["timestamp_granularities[]"] = ("word", "segment")
        file = Upload("speech.wav", wav(pcm), "audio/wav")
        answer = await self._client.post_form(PATH, fields, {"file": file})
        heard = decoded(answer, len(pcm) // BYTES_PER_MS, options)
        return heard._replace(language="") if language else heard


def _response_format(options: OpenAITranscriptionOptions) -> str:
    if options.response_format != "auto":
        return options.response_format
    return "json" if options.model.startswith("gpt") else "verbose_json"


def _client(options: OpenAITranscriptionOptions) -> HttpClient:
    return HttpClient.to(
        options, optional_key(options.api_key, options.base_url, "openai_transcription"), timeout_s=options.timeout_s
    )


def wav(pcm: bytes) -> bytes:
    """Put a header before 16 kHz mono s16le."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(16_000)
        written.writeframes(pcm)
    return file.getvalue()
