"""What the media process and an engine's process say to each other."""

import msgspec
import pytest

from pipeline.engines import frames
from pipeline.engines.frames import Answered, Asked, Frame
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.engines.translator import TranslationRequest

ASKED: tuple[Frame, ...] = (
    frames.Open(id=1, language="en", speaker="anna"),
    frames.Push(id=2, utterance=1, pcm=b"\x00\xff"),
    frames.Peek(id=3, utterance=1),
    frames.Finish(id=4, utterance=1),
    frames.Abort(id=5, utterance=1),
    frames.Translate(id=6, request=TranslationRequest(text="yes", source="en", target="es", context=("no",))),
    frames.Warm(id=7, source="en", target="es"),
    frames.Speak(id=8, request=SynthesisRequest(text="sí", language="es", voice_seed="anna", speed=1.1), window=9),
    frames.More(id=8, packets=3),
    frames.Forget(voice_seed="anna"),
    frames.Cancel(id=8),
    frames.Ping(id=9),
)
ANSWERED: tuple[Frame, ...] = (
    frames.Ready(languages=frozenset({"en"}), pairs=frozenset({("en", "es")})),
    frames.Done(id=1),
    frames.Heard(id=2, hypothesis=Hypothesis((Word("yes", 10, 200, 0.5),), "en")),
    frames.Translated(id=6, text="sí"),
    frames.Packets(id=8, packets=[b"\x00", b"\xff"]),
    frames.Failed(id=6, error="EngineError", arguments=("no",)),
)


@pytest.mark.parametrize("frame", ASKED, ids=lambda frame: type(frame).__name__)
def test_a_request_arrives_as_it_was_sent(frame: Frame) -> None:
    """Every field survives the way to the engine."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(frame), type=Asked) == frame


@pytest.mark.parametrize("frame", ANSWERED, ids=lambda frame: type(frame).__name__)
def test_an_answer_arrives_as_it_was_sent(frame: Frame) -> None:
    """Every field survives the way back."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(frame), type=Answered) == frame
