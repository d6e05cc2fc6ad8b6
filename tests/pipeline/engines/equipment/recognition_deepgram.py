"""A server that speaks Deepgram's live protocol (developers.deepgram.com/reference/speech-to-text/listen-streaming)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pipeline.engines.options.deepgram import DeepgramOptions
from tests.support.loud_words import LoudWord, loud_words
from tests.support.provider import Provider, Talking

PATH = "/v1/listen"


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[DeepgramOptions]:
    async with Provider() as provider:
        provider.talk(PATH, listen)
        yield DeepgramOptions(api_key="key", base_url=provider.url)


async def listen(talking: Talking) -> None:
    """Hear a word for each loud half second, until CloseStream."""
    pcm, settled_s = b"", 0.0
    while (said := await talking.receive()) is not None:
        if isinstance(said, bytes):
            pcm += said
            await talking.tell(results(pcm, settled_s))
        elif said["type"] in ("Finalize", "CloseStream"):
            await talking.tell(results(pcm, settled_s, is_final=True, from_finalize=said["type"] == "Finalize"))
            settled_s = len(pcm) / 32_000
            if said["type"] == "CloseStream":
                await talking.tell({"type": "Metadata", "request_id": "0", "duration": settled_s, "channels": 1})
                return


def results(pcm: bytes, since_s: float, *, is_final: bool = False, from_finalize: bool = False) -> dict[str, Any]:
    """Write what is heard behind a moment, as the documentation's example has it."""
    heard = [word for word in loud_words(pcm) if word.end_s > since_s]
    text = " ".join(word.text for word in heard)
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "start": since_s,
        "duration": len(pcm) / 32_000 - since_s,
        "is_final": is_final,
        "speech_final": False,
        "from_finalize": from_finalize,
        "channel": {
            "alternatives": [{"transcript": text, "confidence": 0.9, "words": [_word(word) for word in heard]}]
        },
        "metadata": {"request_id": "0", "model_uuid": "0"},
    }


def _word(word: LoudWord) -> dict[str, Any]:
    return {
        "word": word.text,
        "punctuated_word": word.text,
        "start": word.start_s,
        "end": word.end_s,
        "confidence": 0.9,
    }
