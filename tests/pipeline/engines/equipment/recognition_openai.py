"""A transcription endpoint like OpenAI's (platform.openai.com/docs/api-reference/audio/createTranscription)."""

import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions
from tests.support.loud_words import loud_words
from tests.support.provider import Answer, Provider, Request

PATH = "/v1/audio/transcriptions"


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[OpenAITranscriptionOptions]:
    async with Provider() as provider:
        provider.on("POST", PATH, transcribe)
        yield OpenAITranscriptionOptions(base_url=provider.url + "/v1")


def transcribe(request: Request) -> Answer:
    """Hear a word for each loud half second."""
    return Answer(json=transcription(sound_of(request)))


def sound_of(request: Request) -> bytes:
    with wave.open(io.BytesIO(request.form["file"])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        sound: bytes = file.readframes(file.getnframes())
        return sound


def transcription(pcm: bytes) -> dict[str, Any]:
    """Write an answer as the documentation's example has it: marks in the text, none in the words."""
    heard = loud_words(pcm)
    text = " ".join(word.text for word in heard)
    duration_s = len(pcm) / 32_000
    sure = {"avg_logprob": -0.3, "compression_ratio": 1.2, "no_speech_prob": 0.01}
    return {
        "task": "transcribe",
        "language": "english",
        "duration": duration_s,
        "text": f"{text}." if text else "",
        "words": [{"word": word.text, "start": word.start_s, "end": word.end_s} for word in heard],
        "segments": [{"id": 0, "start": 0.0, "end": duration_s, "text": f" {text}.", **sure}] if text else [],
    }
