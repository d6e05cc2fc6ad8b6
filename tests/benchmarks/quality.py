"""`make bench-quality`: how well engines hear and translate, and how much of that a room keeps.

- recognition: the word error rate of every engine that works on this machine, on LibriVox recordings in pieces of
  100 ms: all from one person, and each from a stranger; and how much was shown and then taken back (normalised erasure)
  of interim text and of committed text.
- translation: chrF over tests/data/translation.
- room: the word error rate of captions in a room where the recordings are said, beside that of the same engine alone on
  the files. Said twice: by the audio socket, which brings the files' own samples, and by a microphone over WebRTC,
  beside the engine alone on what that makes of them (Opus at 32 kbit/s), which costs a weak engine some words by
  itself: the mean over several beginnings, since single words come and go with where a recording begins.

Engines of providers are asked only with --network: that costs money. On a machine that is busy otherwise the room's
figure is worthless: what is recognised too late is given up.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from parley import logs
from parley.client import connect
from parley.samples import resampled
from parley.settings import LogSettings
from pipeline.clock import now_ms
from pipeline.engines.hosted import HostedTranscriber, HostedTranslator
from pipeline.engines.listing import ListedEngine, list_engines
from pipeline.engines.settings import EngineSettings
from pipeline.engines.transcriber import Transcriber
from pipeline.engines.translator import TranslationRequest
from pipeline.messages import AudioChunk, Transcript
from pipeline.messages.worker_status import Stage
from pipeline.recognition import RecognitionStage
from tests.benchmarks.server_process import server
from tests.support.caller import Caller, call
from tests.support.chrf import chrf
from tests.support.erasure import normalised_erasure
from tests.support.opus import decode, encode
from tests.support.recordings import Recording, recordings, silence
from tests.support.similarity import word_errors
from tests.support.source_tree import ROOT

PIECE_MS = 100
PIECE_BYTES = PIECE_MS * 32
SENTENCES = ROOT / "tests" / "data" / "translation"
# Silence before a recording, where what the microphone sends is heard by an engine alone.
LEADS_S = (0.0, 0.1, 0.2, 0.3)
# How often the recordings are said in the room.
ROUNDS = 2
SAID = recordings() * ROUNDS
# After the last caption in the room, until the next recording is said; and after a recording, if there is none.
QUIET_S = 3.0
MOST_S = 20.0


class Score(NamedTuple):
    """Word errors, and of how many words."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        return round(self.errors / self.words, 4)


def plain(text: str) -> str:
    """Leave the words: no case, no marks."""
    return " ".join(re.sub(r"[^\w']+", " ", text.lower()).split())


def score(takes: Sequence[tuple[str, str]]) -> Score:
    """Compare what was heard with what was said, over all recordings."""
    counts = [word_errors(plain(said), plain(heard)) for said, heard in takes]
    return Score(sum(errors for errors, _ in counts), sum(words for _, words in counts))


async def hear(engine: Transcriber, recording: Recording, speaker: str) -> str:
    """Give an engine a recording in pieces, and take its final words."""
    utterance = await engine.open("en", speaker)
    pcm = recording.samples.tobytes()
    for at in range(0, len(pcm), PIECE_BYTES):
        await utterance.push(pcm[at : at + PIECE_BYTES])
    return (await utterance.finish()).text


def as_sent(recording: Recording, lead_s: float) -> Recording:
    """Give a recording as it arrives from a microphone that hears silence before it."""
    heard = decode(encode(np.concatenate([silence(lead_s), recording.samples])))
    return replace(recording, samples=np.frombuffer(resampled(heard.tobytes(), 48_000), np.int16))


async def hear_as_sent(listed: ListedEngine) -> Score:
    """Measure a transcriber alone, started anew for each beginning, on what a microphone sends."""
    takes = []
    for lead_s in LEADS_S:
        async with _transcriber(listed) as engine:
            for recording in recordings():
                heard = await hear(engine, as_sent(recording, lead_s), "reader")
                takes.append((recording.text, heard))
    return score(takes)


def _transcriber(listed: ListedEngine) -> HostedTranscriber:
    assert listed.info is not None
    return HostedTranscriber(listed.info, listed.file.module, EngineSettings())


def chunks(recording: Recording, number: int, began: int) -> list[AudioChunk]:
    """Cut a recording as a node does: one utterance, begun at this time (epoch milliseconds)."""
    pcm = recording.samples.tobytes()
    cuts = range(0, len(pcm), PIECE_BYTES)
    return [
        AudioChunk(
            room_id="bench",
            user_id="reader",
            sequence_number=number * 10_000 + index,
            utterance_id=f"u{number}",
            payload=pcm[at : at + PIECE_BYTES],
            start_ms=index * PIECE_MS,
            utterance_started_at_ms=began,
            language="en",
            last=at == cuts[-1],
        )
        for index, at in enumerate(cuts)
    ]


class Shown:
    """What a listener sees of one utterance as it grows: each text as words, all of it and the committed part."""

    def __init__(self) -> None:
        self.whole: list[list[str]] = []
        self.committed: list[list[str]] = [[]]

    def show(self, transcript: Transcript) -> None:
        words = plain(transcript.payload).split()
        if transcript.is_final:
            self.committed.append(self.committed[-1] + words)
            self.whole.append(self.committed[-1])
        elif not transcript.speculative:
            self.whole.append(self.committed[-1] + words)


async def watch(engine: Transcriber) -> list[Shown]:
    """Let a worker's stage hear all recordings, and note what it gives out on the way.

    Its clock goes with the sound, as if the engine took no time: interim text comes at most every so often.
    """
    now = now_ms()
    stage = RecognitionStage(engine, now_ms=lambda: now)
    watched = []
    for number, recording in enumerate(recordings()):
        shown = Shown()
        for chunk in chunks(recording, number, now):
            now += PIECE_MS
            async for transcript in stage.work(chunk):
                shown.show(transcript)
        watched.append(shown)
    return watched


async def recognition(listed: ListedEngine) -> dict[str, Any]:
    """Measure one transcriber."""
    takes: dict[str, list[tuple[str, str]]] = {"one": [], "strangers": []}
    began = time.monotonic()
    async with _transcriber(listed) as engine:
        for recording in recordings():
            takes["one"].append((recording.text, await hear(engine, recording, "reader")))
            takes["strangers"].append((recording.text, await hear(engine, recording, recording.name)))
        heard_s = time.monotonic() - began
        watched = await watch(engine)
    one, strangers = score(takes["one"]), score(takes["strangers"])
    return {
        "wer": one.rate,
        "wer_strangers": strangers.rate,
        "errors": one.errors,
        "words": one.words,
        "of_real_time": round(heard_s / 2 / sum(recording.duration_s for recording in recordings()), 3),
        "interim_erasure": round(normalised_erasure(shown.whole for shown in watched), 3),
        "committed_erasure": normalised_erasure(shown.committed for shown in watched),
    }


async def translation(listed: ListedEngine) -> dict[str, Any]:
    """Measure one translator, on every set of sentences whose pair it does, both ways."""
    scores = {}
    assert listed.info is not None
    async with HostedTranslator(listed.info, listed.file.module, EngineSettings()) as engine:
        for source, target, pairs in sentences():
            if (source, target) in engine.pairs:
                answers = [
                    await engine.translate(TranslationRequest(text=text, source=source, target=target))
                    for text, _ in pairs
                ]
                references = [reference for _, reference in pairs]
                scores[f"{source}>{target}"] = round(chrf(zip(answers, references, strict=True)), 1)
    return {"chrf": scores}


def sentences() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Give each set of sentences, forwards and backwards: source, target, and (text, reference) pairs."""
    found = []
    for path in sorted(SENTENCES.glob("*.tsv")):
        one, other = path.stem.split("-")
        lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        found.append((one, other, [(here, there) for here, there in lines]))
        found.append((other, one, [(there, here) for here, there in lines]))
    return found


async def room(listed: ListedEngine, alone: float) -> dict[str, Any]:
    """Let somebody read the recordings aloud in rooms, and compare the captions with what the engine alone hears."""
    async with server() as measured:
        direct = await read_by_socket(measured.url)
        heard = await read_by_microphone(measured.url)
    sent = await hear_as_sent(listed)
    return {
        "engine": listed.name,
        "wer_alone": alone,
        "wer_by_socket": direct.rate,
        "by_socket_points_worse_than_alone": round(100 * (direct.rate - alone), 1),
        "wer": heard.rate,
        "wer_alone_as_sent": sent.rate,
        "points_worse_than_alone": round(100 * (heard.rate - alone), 1),
        "points_worse_than_as_sent": round(100 * (heard.rate - sent.rate), 1),
    }


async def read_by_microphone(url: str) -> Score:
    """Read aloud over WebRTC."""
    async with (
        call(url, "microphone", name="A", speaks="en", hears="en") as reader,
        call(url, "microphone", name="B", speaks="en", hears="en") as listener,
    ):
        await asyncio.sleep(1)
        for recording in SAID:
            begins = reader.microphone.say(recording.samples)
            await asyncio.sleep(max(0.0, begins + recording.duration_s - time.monotonic()))
            await captioned(listener, begins)
        return score_of(listener)


async def read_by_socket(url: str) -> Score:
    """Send the samples as they are."""
    async with (
        connect(url, "socket", name="A", speaking_language="en", listening_language="en", sound="audio") as reader,
        call(url, "socket", name="B", speaks="en", hears="en") as listener,
    ):
        await asyncio.sleep(1)
        for recording in SAID:
            begins = time.monotonic()
            await reader.say(recording.samples.tobytes())
            await captioned(listener, begins)
        return score_of(listener)


def score_of(listener: Caller) -> Score:
    """Compare the captions that a listener was told with all that was said."""
    return score([(" ".join(recording.text for recording in SAID), " ".join(finals(listener)))])


def finals(listener: Caller) -> list[str]:
    """Give the text of every clause that a listener was told, once, in order."""
    told = (each.message for each in listener.told if each.message["type"] == "caption" and each.message["is_final"])
    return list({(caption["utterance_id"], caption["clause"]): caption["text"] for caption in told}.values())


async def captioned(listener: Caller, begins: float) -> None:
    """Wait until something that was said since then has its captions, and no more come."""
    limit = time.monotonic() + MOST_S
    while time.monotonic() < limit:
        at = [told.at for told in listener.told if told.message["type"] == "caption" and told.message["is_final"]]
        if at and at[-1] > begins and time.monotonic() - at[-1] > QUIET_S:
            return
        await asyncio.sleep(0.2)


def working(stage: Stage, *, network: bool) -> list[ListedEngine]:
    """Give the engines of a stage that work here, the best first."""
    listed = [engine for engine in list_engines(stage) if engine.works and engine.info is not None]
    used = [engine for engine in listed if engine.info and (network or engine.info.where != "network")]
    return sorted(used, key=lambda engine: -(engine.info.quality if engine.info else 0))


async def main() -> None:
    """Print the result as the last line of standard output, and on the way how far it is on standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", action="store_true", help="ask providers too, which costs money")
    parser.add_argument("--no-room", action="store_true", help="engines alone (a room takes a minute)")
    wanted = parser.parse_args()
    logs.configure(LogSettings(level="warning"))
    result: dict[str, Any] = {"bench": "quality", "recognition": {}, "translation": {}}
    ears = working("recognition", network=wanted.network)
    for engine in ears:
        print(f"{engine.name} hears", file=sys.stderr, flush=True)
        result["recognition"][engine.name] = await recognition(engine)
    for engine in working("translation", network=wanted.network):
        print(f"{engine.name} translates", file=sys.stderr, flush=True)
        result["translation"][engine.name] = await translation(engine)
    if ears and not wanted.no_room:
        # `auto` picks the best that works: the first.
        print("a room", file=sys.stderr, flush=True)
        result["room"] = await room(ears[0], result["recognition"][ears[0].name]["wer"])
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
