"""A server with Voice.ai's streaming endpoint (voice.ai/docs/api-reference/text-to-speech/speech-stream)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.voiceai import VoiceAIOptions
from tests.support.provider import Answer, Provider, Request
from tests.support.toned_speech import in_pieces, toned_speech

PATH = "/api/v1/tts/speech/stream"


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[VoiceAIOptions]:
    async with Provider() as provider:
        provider.on("POST", PATH, speak)
        yield VoiceAIOptions(api_key="key", base_url=provider.url, voices=("voice-1", "voice-2", "voice-3", "voice-4"))


def speak(request: Request) -> Answer:
    """Say it as a tone for each letter, in pieces of odd sizes."""
    asked = request.json
    assert asked["audio_format"] == "pcm"
    pcm = toned_speech(asked["text"], asked.get("voice_id", ""), 32_000)
    return Answer(headers={"Content-Type": "audio/pcm"}, pieces=in_pieces(pcm, 8_191))
