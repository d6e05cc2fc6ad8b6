"""What the analysis of one microphone costs, in milliseconds of CPU for each second of sound.

Real speech as Opus packets goes through one Analyser, with the ticks that a room gives it: as fast as it can
(`ms_per_second_speaking`), and one packet each 20 ms as in a call, where caches are cold each time
(`ms_per_second_paced`). Then a minute of silence as browsers send it: packets whose level says so
(`ms_per_second_silent`), and DTX, a comfort packet every 400 ms (`ms_per_second_dtx`). Everything is on one thread;
`other_threads_ms` says what others spent meanwhile. `parts` are wall-clock, measured in a pass of their own.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from unittest import mock

import numpy as np

from media_server.analysis import silero
from media_server.analysis.analyser import Analyser, Analysis
from media_server.analysis.codec import new_codec
from media_server.analysis.decoder import Decoder
from media_server.analysis.gate import LevelGate
from media_server.analysis.reorder import ReorderBuffer
from media_server.analysis.segmenter import Segmenter
from media_server.analysis.segments import Ended
from media_server.analysis.vad import VoiceDetector
from media_server.chunker import Chunker, Setting
from media_server.packet import AudioPacket
from pipeline.messages import Target
from tests.support.caller import as_sent
from tests.support.recordings import Samples, recordings, silence

PASSES = 5
PACED_S = 15
PACKET_S = 0.02
TICK_S = 0.02
COMFORT_PACKETS = 20
"""A sender with DTX says every 400 ms how the background sounds."""


def reading() -> Samples:
    """All recordings, with the pauses of somebody who reads them out."""
    return np.concatenate([part for each in recordings() for part in (each.samples, silence(0.3))])


def packets(samples: Samples, first: int = 0, arrived: float = 1000.0) -> list[AudioPacket]:
    """Give the packets of a browser, with their levels, each arriving as its last sample has been spoken."""
    return [
        AudioPacket(
            first + i & 0xFFFF, (first + i) * 960, sound.payload, sound.level, None, arrived + (i + 1) * PACKET_S
        )
        for i, sound in enumerate(as_sent(samples))
    ]


class Talker:
    """One speaker's analysis down to the chunks."""

    def __init__(self, analysis: Analysis) -> None:
        self.analyser: Analyser = analysis()
        self.chunker = Chunker(room_id="hall", user_id="ann", first_number=1)
        self.setting = Setting(language="en", targets=(Target("es"),), now_ms=1)
        self.utterances = 0

    def hear(self, packet: AudioPacket) -> None:
        for segment in self.analyser.push(packet):
            self.chunker.take(segment, self.setting)
            self.utterances += isinstance(segment, Ended)

    def tick(self, now: float) -> None:
        for segment in self.analyser.tick(now):
            self.chunker.take(segment, self.setting)
            self.utterances += isinstance(segment, Ended)


def play(talker: Talker, sent: Iterable[AudioPacket], until: float) -> None:
    """Let packets come and time pass."""
    now = 1000.0
    for packet in sent:
        while now < packet.arrived:
            talker.tick(now)
            now += TICK_S
        talker.hear(packet)
    while now < until:
        talker.tick(now)
        now += TICK_S


def cost(analysis: Analysis, sent: list[AudioPacket], seconds: float) -> float:
    """Measure the CPU of one pass over a stream, in ms per second of it."""
    talker = Talker(analysis)
    began = time.thread_time()
    play(talker, sent, 1000 + seconds)
    return (time.thread_time() - began) * 1000 / seconds


def paced_cost(analysis: Analysis, sent: list[AudioPacket]) -> float:
    """Measure it at the pace of a call, whatever else runs on this machine having had the caches in between."""
    talker, spent = Talker(analysis), 0.0
    began = time.monotonic()
    for number, packet in enumerate(sent):
        time.sleep(max(0.0, began + number * PACKET_S - time.monotonic()))
        start = time.thread_time()
        talker.tick(packet.arrived - PACKET_S / 2)
        talker.hear(packet)
        spent += time.thread_time() - start
    return spent * 1000 / (len(sent) * PACKET_S)


def dtx(quiet: AudioPacket, seconds: float) -> list[AudioPacket]:
    """Give a silent sender's packets: numbers go on, time jumps."""
    step = COMFORT_PACKETS * PACKET_S
    return [
        quiet._replace(
            sequence_number=n & 0xFFFF, timestamp=n * COMFORT_PACKETS * 960, arrived=1000 + (n + 1) * step, level=70
        )
        for n in range(int(seconds / step))
    ]


@contextmanager
def timed(places: dict[str, tuple[type, str]]) -> Iterator[dict[str, float]]:
    """Measure the seconds within these methods; what one calls of the others counts for the inner one alone."""
    spent: dict[str, float] = defaultdict(float)
    inner = [0.0]

    def wrap(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **named: Any) -> Any:
            outside, inner[0] = inner[0], 0.0
            began = time.perf_counter()
            try:
                return plain(*arguments, **named)
            finally:
                took = time.perf_counter() - began
                spent[name] += took - inner[0]
                inner[0] = outside + took

        return measured

    with ExitStack() as stack:
        for name, (kind, method) in places.items():
            stack.enter_context(mock.patch.object(kind, method, wrap(name, getattr(kind, method))))
        yield spent


PLACES: dict[str, tuple[type, str]] = {
    "reorder": (ReorderBuffer, "push"),
    "gate": (LevelGate, "push"),
    "codec": (type(new_codec()), "decode"),
    "place": (Decoder, "decode"),
    "silero": (silero.Silero, "judge"),
    "detector": (VoiceDetector, "hear"),
    "segmenter": (Segmenter, "push"),
    "chunker": (Chunker, "take"),
    "tick": (Analyser, "tick"),
    "analyser": (Analyser, "push"),
}


def parts(analysis: Analysis, sent: list[AudioPacket], seconds: float) -> dict[str, float]:
    """Measure where it goes, in ms per second, on the wall clock and with the measuring's own cost."""
    with timed(PLACES) as spent:
        play(Talker(analysis), sent, 1000 + seconds)
    return {name: round(spent[name] * 1000 / seconds, 2) for name in PLACES}


def main() -> None:
    """Print the result as the last line."""
    analysis = Analysis.load()
    sound = reading()
    speech = packets(sound)
    seconds = len(speech) * PACKET_S
    quiet = packets(silence(60))
    process, thread = time.process_time(), time.thread_time()
    speaking = [cost(analysis, speech, seconds) for _ in range(PASSES)]
    others = (time.process_time() - process) - (time.thread_time() - thread)
    talker = Talker(analysis)
    play(talker, speech, 1000 + seconds)
    print(f"{seconds:.0f} s of speech, {talker.utterances} utterances: {speaking}", file=sys.stderr)
    result = {
        "bench": "analysis",
        "ms_per_second_speaking": round(median(speaking), 2),
        "ms_per_second_speaking_best": round(min(speaking), 2),
        "ms_per_second_paced": round(paced_cost(analysis, speech[: int(PACED_S / PACKET_S)]), 2),
        "ms_per_second_silent": round(median(cost(analysis, quiet, 60) for _ in range(3)), 3),
        "ms_per_second_dtx": round(median(cost(analysis, dtx(quiet[10], 60), 60) for _ in range(3)), 3),
        "other_threads_ms": round(others * 1000, 1),
        "parts": parts(analysis, speech, seconds),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
