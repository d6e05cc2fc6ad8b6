"""A synthesizer and an encoder together."""

import pytest

from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.voicer import EncodingVoicer
from tests.fakes.hosted.hummer import Engine


def request(text: str, language: str = "es") -> SynthesisRequest:
    return SynthesisRequest(text=text, language=language, voice_seed="anna")


async def test_text_becomes_packets() -> None:
    """A second of sound is 50 packets, and the end's little silence."""
    packets = [packet async for packet in EncodingVoicer(Engine()).packets(request("1000"))]
    assert 50 <= len(packets) <= 52


async def test_packets_come_before_the_text_is_spoken_to_its_end() -> None:
    """The first packets are there when 300 ms of 10 s were made; closing makes no more."""
    engine = Engine()
    packets = EncodingVoicer(engine).packets(request("10000"))
    await anext(packets)
    await packets.aclose()
    assert engine.hummed_ms <= 300


async def test_what_the_synthesizer_raises_comes_through() -> None:
    """An unknown language is the caller's to hear of."""
    with pytest.raises(UnsupportedLanguageError):
        await anext(EncodingVoicer(Engine()).packets(request("100", "xx")))


def test_it_speaks_what_the_synthesizer_speaks() -> None:
    """Languages are the synthesizer's own."""
    assert EncodingVoicer(Engine()).languages == {"es", "fr"}
