"""A sentence in each of many languages, and sound of it, to try engines with."""

import asyncio
import wave
from contextlib import aclosing
from pathlib import Path

import numpy as np

SAMPLE_RATE = 16_000
"""Hertz of what transcribers take: mono s16le."""
TAIL_S = 0.5
"""Silence behind a made sample, as there is behind what people say."""

SENTENCES = {
    "ar": "صباح الخير، كيف حالك اليوم؟",
    "ca": "Bon dia, com estàs avui?",
    "cs": "Dobré ráno, jak se dnes máte?",
    "de": "Guten Morgen, wie geht es Ihnen heute?",
    "en": "Good morning, how are you today?",
    "es": "Buenos días, ¿cómo estás hoy?",
    "fr": "Bonjour, comment allez-vous aujourd'hui ?",
    "hi": "सुप्रभात, आज आप कैसे हैं?",
    "it": "Buongiorno, come stai oggi?",
    "ja": "おはようございます、今日はお元気ですか。",
    "ko": "좋은 아침입니다, 오늘 어떠세요?",
    "nl": "Goedemorgen, hoe gaat het vandaag met u?",
    "pl": "Dzień dobry, jak się pan dzisiaj ma?",
    "pt": "Bom dia, como está hoje?",
    "ru": "Доброе утро, как вы сегодня?",
    "sv": "God morgon, hur mår du idag?",
    "th": "สวัสดีตอนเช้า วันนี้คุณเป็นอย่างไรบ้าง",
    "vi": "Chào buổi sáng, hôm nay bạn thế nào?",
    "zh": "早上好，你今天好吗？",
}


def sentence(language: str) -> str:
    """Give a sentence in a language, by its tag; the English one where there is no other."""
    return SENTENCES.get(language.partition("-")[0], SENTENCES["en"])


async def spoken(text: str, language: str) -> bytes:
    """Have espeak-ng say something: 16 kHz mono s16le.

    Raises:
        EngineError: it is not here, or does not speak the language.
    """
    from pipeline.engines.synthesizer import SynthesisRequest
    from pipeline.engines.synthesizers.espeak import Engine
    from pipeline.matching import match

    engine = await asyncio.to_thread(Engine)
    request = SynthesisRequest(text=text, language=match(language, engine.languages) or language, voice_seed="sample")
    pcm = bytearray()
    async with engine, aclosing(engine.synthesize(request)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            pcm += chunk
    return resampled(bytes(pcm), engine.sample_rate) + bytes(2 * round(TAIL_S * SAMPLE_RATE))


def resampled(pcm: bytes, sample_rate: int) -> bytes:
    """Bring mono s16le to 16 kHz by straight lines between samples: good enough to try an engine with."""
    samples = np.frombuffer(pcm, np.int16)
    count = len(samples) * SAMPLE_RATE // sample_rate
    at = np.arange(count) * (sample_rate / SAMPLE_RATE)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.int16).tobytes() if count else b""


def read_wav(path: Path) -> bytes:
    """Read a WAV file as 16 kHz mono s16le. Several channels are mixed.

    Raises:
        ValueError: it is no WAV file of 16-bit samples.
        OSError: it cannot be read.
    """
    try:
        with wave.open(str(path)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} is no WAV file that can be read: {error}") from None
    if width != 2:
        raise ValueError(f"{path} has {8 * width} bits a sample, but it must have 16")
    samples = np.frombuffer(frames[: len(frames) // (2 * channels) * 2 * channels], np.int16)
    mono = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return resampled(mono.tobytes(), rate)
