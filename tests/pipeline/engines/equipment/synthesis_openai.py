"""A speech endpoint like OpenAI's (platform.openai.com/docs/api-reference/audio/createSpeech)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.openai_speech import OpenAISpeechOptions
from tests.support.provider import Answer, Provider, Request
from tests.support.toned_speech import in_pieces, toned_speech

PATH = "/v1/audio/speech"


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[OpenAISpeechOptions]:
    async with Provider() as provider:
        provider.on("POST", PATH, speak)
        yield OpenAISpeechOptions(base_url=provider.url + "/v1")


def speak(request: Request) -> Answer:
    """Say it as a tone for each letter, in pieces of odd sizes."""
    asked = request.json
    assert asked["response_format"] == "pcm"
    pcm = toned_speech(asked["input"], asked["voice"], 24_000, asked["speed"])
    return Answer(headers={"Content-Type": "audio/pcm"}, pieces=in_pieces(pcm, 8_191))
