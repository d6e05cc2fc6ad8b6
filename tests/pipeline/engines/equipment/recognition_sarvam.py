"""A server with Sarvam's realtime protocol (docs.sarvam.ai/api-reference/speech-to-text/transcribe/realtime/ws)."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pipeline.engines.options.sarvam import SarvamOptions
from tests.support.loud_words import loud_words
from tests.support.provider import Provider, Talking

PATH = "/speech-to-text-realtime/ws"


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[SarvamOptions]:
    async with Provider() as provider:
        provider.talk(PATH, listen)
        yield SarvamOptions(api_key="key", base_url=provider.url)


async def listen(talking: Talking) -> None:
    """Hear a word for each loud half second, until `end`; endpointing is manual."""
    await talking.tell({"event": "session.begin", "request_id": "0"})
    pcm, told, utterance = b"", 0, 0
    while (said := await talking.receive()) is not None:
        match said["event"]:
            case "audio_input":
                pcm += base64.b64decode(said["audio"])
                await talking.tell(transcript("partial", utterance, words(pcm)[told:]))
            case "speech_end":
                await talking.tell(transcript("final", utterance, words(pcm)[told:]))
                told, utterance = len(words(pcm)), utterance + 1
            case "ping":
                await talking.tell({"event": "pong"})
            case "end":
                await talking.tell({"event": "session.end", "total_utterances": utterance})
                return


def transcript(kind: str, utterance: int, heard: list[str]) -> dict[str, Any]:
    """Write a transcript as the documentation's example has it."""
    confidence = {"language_confidence": 0.9} if kind == "final" else {}
    text = " ".join(heard)
    return {"event": f"transcript.{kind}", "utterance_idx": utterance, "text": text, "language": "en-IN", **confidence}


def words(pcm: bytes) -> list[str]:
    return [word.text for word in loud_words(pcm)]
