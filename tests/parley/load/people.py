"""Seats, turns and what comes in, for the tests of a run's parts."""

from parley.client.events import Caption
from parley.client.heard import Heard
from parley.load.plan import LoadPlan, Pair, Seat, Turn
from parley.load.speech import Speech
from parley.samples import SAMPLE_RATE

PLAN = LoadPlan(url="http://127.0.0.1:1", rooms=2, clients=2, listeners=1, pairs=(Pair("en", "es"), Pair("es", "en")))


def speech(seconds: float = 2.0, text: str | None = None, name: str = "speech") -> Speech:
    """Give one that is loud from 0.5 s before its middle to 0.5 s behind it."""
    half = round(seconds / 2 * SAMPLE_RATE)
    loud = b"\x00\x20" * SAMPLE_RATE
    quiet = bytes(2 * half - SAMPLE_RATE)
    return Speech(name, quiet + loud + quiet, text)


def seat(number: int, speaking: str = "en", listening: str = "es", *, talks: bool = True, room: str = "load-0") -> Seat:
    return Seat(room, number, speaking, listening, "audio", talks)


def turn(of: Seat, what: Speech | None = None, number: int = 0) -> Turn:
    return Turn(number, of, what or speech(), 0.0)


def heard(speaker: str, at: float, *, kind: str = "voice", utterance: str = "", sequence: int | None = None) -> Heard:
    return Heard(speaker, kind, "es", bytes(320), SAMPLE_RATE, at, utterance, sequence)  # type: ignore[arg-type]


def caption(speaker: str, text: str, *, final: bool = True, utterance: str = "u1", clause: int = 0) -> Caption:
    return Caption(
        speaker_id=speaker,
        language="es",
        text=text,
        is_final=final,
        timestamp_ms=1,
        utterance_id=utterance,
        clause=clause,
        source_text=text,
    )
