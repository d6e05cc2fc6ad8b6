"""`make bench-latency`: how long after the last word its translation begins to sound, with everything real.

One process is the server, with the real engines in theirs (with `--bus kafka`: a node, a broker, and a worker of each
stage as processes of their own); this one is three callers over WebRTC: A reads the LibriVox
recordings aloud (English), B listens in Spanish, C in English. What is timed, in milliseconds:

- voice: from the true end of the speech in the recording (`Recording.words_end_s`) to the first packet of the voice of
  the clause that holds the last word, as it leaves the server.
- caption: from the same moment to B's final caption of that clause, as B receives it.
- interim: from the true end of a word (alignment of the clean recording) to the first caption that shows it, as C
  receives it, for words that are recognised in the room as in the clean recording.
- forward: from A's sending of a packet to C's receiving it, less nothing: both callers' own loops are in it.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.distribution import percentile
from tests.benchmarks.server_process import server
from tests.support.alignment import Aligned, align, matched
from tests.support.caller import Caller, call
from tests.support.recordings import Recording, recordings

REPEATS = 5
# From the end of one recording until the next begins, unless the voice is still to be heard.
PAUSE_S = 2.0
# How long a voice may be quiet before it counts as finished.
QUIET_S = 1.0


@dataclass
class Figures:
    """All that was measured, in milliseconds."""

    voice: list[float] = field(default_factory=list)
    caption: list[float] = field(default_factory=list)
    interim: list[float] = field(default_factory=list)
    forward: list[float] = field(default_factory=list)
    unheard: int = 0


async def quiet(listener: Caller) -> None:
    """Wait until the listener's voices are silent."""
    while True:
        heard = listener.on("voice")
        if not heard or time.monotonic() - heard[-1].at > QUIET_S:
            return
        await asyncio.sleep(0.1)


def caption_lags(told: list[Any], words: list[Aligned], begins: float) -> list[float]:
    """Give, for each word that was recognised as in the clean recording, when a caption first showed it."""
    shown: dict[int, float] = {}
    texts: dict[tuple[str, int], str] = {}
    for entry in told:
        message = entry.message
        if message["type"] != "caption" or entry.at < begins:
            continue
        texts[message["utterance_id"], message["clause"]] = message["text"]
        for index in matched(words, " ".join(texts.values())):
            shown.setdefault(index, entry.at)
    return [(at - (begins + words[index].end_s)) * 1000 for index, at in shown.items()]


async def one(callers: tuple[Caller, Caller, Caller], recording: Recording, words: list[Aligned]) -> dict[str, Any]:
    """Let A say one recording, and wait until B has heard it."""
    speaker, abroad, local = callers
    begins = speaker.microphone.say(recording.samples)
    ends = begins + recording.words_end_s
    await asyncio.sleep(max(0.0, begins + recording.duration_s + PAUSE_S - time.monotonic()))
    await quiet(abroad)
    finals = [
        told.at
        for told in abroad.told
        if told.message["type"] == "caption" and told.message["is_final"] and told.at > begins
    ]
    return {
        # Monotonic and epoch clocks of one machine: their difference is taken at the moment of use.
        "ends_epoch_ms": (ends + time.time() - time.monotonic()) * 1000,
        "begins_epoch_ms": (begins + time.time() - time.monotonic()) * 1000,
        "caption_ms": (finals[-1] - ends) * 1000 if finals else None,
        "interim_ms": caption_lags(local.told, words, begins),
    }


def voice_latency(turn: dict[str, Any], utterances: list[dict[str, Any]]) -> float | None:
    """Find the first packet of the last clause of what was said in a turn."""
    mine = [u for u in utterances if turn["begins_epoch_ms"] - 500 < u["started_at_ms"] < turn["ends_epoch_ms"] + 500]
    last = max((u for u in mine if u["last_clause"] is not None), key=lambda u: u["started_at_ms"], default=None)
    if last is None:
        return None
    spoken = [c for voice in last["voices"] for c in voice["clauses"] if c["clause"] == last["last_clause"]]
    return spoken[0]["first_packet_at_ms"] - turn["ends_epoch_ms"] if spoken else None


def forward_latencies(speaker: Caller, listener: Caller) -> list[float]:
    """Give how long each of the speaker's packets took to the listener."""
    latencies = []
    for heard in listener.on("floor"):
        before = [sent for sent in speaker.microphone.sent_at.get(heard.payload, ()) if sent <= heard.at]
        if before:
            latencies.append((heard.at - before[-1]) * 1000)
    return latencies


async def measure(url: str, utterances: list[dict[str, Any]], repeats: int) -> Figures:
    """Say every recording so many times, in an order that is random but the same each time."""
    turns: list[dict[str, Any]] = []
    figures = Figures()
    order = [(recording, align(recording)) for recording in recordings()] * repeats
    random.Random(1).shuffle(order)
    async with (
        call(url, "bench", name="A", speaks="en", hears="en") as speaker,
        call(url, "bench", name="B", speaks="es", hears="es") as abroad,
        call(url, "bench", name="C", speaks="en", hears="en") as local,
    ):
        await asyncio.sleep(1)
        for number, (recording, words) in enumerate(order, 1):
            turns.append(await one((speaker, abroad, local), recording, words))
            print(f"{number} of {len(order)} said", file=sys.stderr, flush=True)
        await asyncio.sleep(1)
        figures.forward = forward_latencies(speaker, local)
    for turn in turns:
        latency = voice_latency(turn, utterances)
        if latency is None or turn["caption_ms"] is None:
            figures.unheard += 1
            continue
        figures.voice.append(latency)
        figures.caption.append(turn["caption_ms"])
        figures.interim += turn["interim_ms"]
    return figures


async def main() -> None:
    """Print one line a turn on standard error, and the result as the last line of standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("repeats", type=int, nargs="?", default=REPEATS, help="how often each recording is said")
    parser.add_argument("--bus", choices=["memory", "kafka"], default="memory")
    wanted = parser.parse_args()
    async with server(wanted.bus) as measured:
        figures = await measure(measured.url, measured.utterances, wanted.repeats)
    print(sorted(round(each) for each in figures.voice), file=sys.stderr)
    result = {
        "bench": "latency",
        "bus": wanted.bus,
        "voice_p50_ms": percentile(figures.voice, 50),
        "voice_p95_ms": percentile(figures.voice, 95),
        "caption_p50_ms": percentile(figures.caption, 50),
        "caption_p95_ms": percentile(figures.caption, 95),
        "interim_p50_ms": percentile(figures.interim, 50),
        "interim_p95_ms": percentile(figures.interim, 95),
        "forward_p50_ms": percentile(figures.forward, 50),
        "forward_p99_ms": percentile(figures.forward, 99),
        "n": len(figures.voice),
        "unheard": figures.unheard,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
