"""A minute of speech without a pause: nothing is lost, and the voice keeps up. Somebody else is silent meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from media_server.analysis.decoder import Decoder
from pipeline.messages import AudioChunk
from tests.journeys.company import company
from tests.journeys.overheard import Overheard, find, monotonic_s, overhearing, voices
from tests.journeys.whole_system import whole_system
from tests.support.caller import Caller, Sound, as_sent
from tests.support.recordings import SAMPLE_RATE, Samples, recordings
from tests.support.similarity import best_match, envelope
from tests.support.until import until

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(150)]

DURATION_S = 60
MOST_LAG_S = 12.0
# What is quieter than the loudest by more than 25 dB for longer than this is a pause.
LONGEST_PAUSE_MS = 40


def without_pauses(samples: Samples) -> Samples:
    """Cut the pauses of a recording down to what is between two syllables."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    loudness = envelope(samples, SAMPLE_RATE)
    kept, quiet_ms = [], 0
    for frame, loud in zip(frames, loudness > 0.056 * loudness.max(), strict=True):
        quiet_ms = 0 if loud else quiet_ms + 10
        if quiet_ms <= LONGEST_PAUSE_MS:
            kept.append(frame)
    return np.concatenate(kept)


def monologue() -> Samples:
    """Give the minute: all recordings, again and again."""
    once = np.concatenate([without_pauses(recording.samples) for recording in recordings()])
    return np.tile(once, -(-DURATION_S * SAMPLE_RATE // len(once)))[: DURATION_S * SAMPLE_RATE]


class CountedDecoder(Decoder):
    """Counts what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.decoded = 0

    def decode(self, packet: Any) -> Any:
        self.decoded += 1
        return super().decode(packet)


@dataclass
class Minute:
    """What was said, by whom, and what came of it."""

    samples: Samples
    sent: list[Sound]
    ann: Caller
    ben: Caller
    cat: Caller
    overheard: Overheard
    # What the analysis of the silent one decoded.
    decoder: CountedDecoder = field(default_factory=CountedDecoder)
    silent_s: float = 0.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def minute() -> AsyncIterator[Minute]:
    """Let Ann talk to Ben, who hears Spanish, and to Cat, who hears English and whose microphone is switched off."""
    samples = await asyncio.to_thread(monologue)
    sent = await asyncio.to_thread(as_sent, samples)
    async with (
        whole_system() as system,
        overhearing(system) as overheard,
        company(system.url, "pulpit", Ann="en", Ben="es", Cat="en") as (ann, ben, cat),
    ):
        minute = Minute(samples, sent, ann, ben, cat, overheard)
        speaker = system.rooms.open("pulpit").participants[cat.participant_id].speaker
        await until(lambda: speaker._analyser is not None)
        setattr(speaker._analyser, "_decoder", minute.decoder)  # noqa: B010
        began = time.monotonic()
        ends = ann.microphone.play(sent) + len(sent) * 0.02
        await asyncio.sleep(ends + 1 - time.monotonic())
        minute.silent_s = time.monotonic() - began
        await overheard.settled()
        await asyncio.sleep(0.2)
        yield minute


async def test_it_is_cut_at_the_maximum_and_no_sound_is_lost(minute: Minute) -> None:
    """No utterance is longer than 10 s, each begins where the one before it ends, and together they are the minute."""
    overheard, ann = minute.overheard, minute.ann.participant_id
    utterances = overheard.utterances(ann)
    every = overheard.messages.of(AudioChunk)
    chunks = {each: [chunk for chunk in every if chunk.utterance_id == each] for each in utterances}
    ends = [parts[-1].end_ms for parts in chunks.values()]
    begins = [parts[0].utterance_started_at_ms for parts in chunks.values()]
    assert len(utterances) >= 6
    assert max(ends) <= 10_000
    holes = [later - (begin + end) for begin, end, later in zip(begins, ends, begins[1:], strict=False)]
    assert max(map(abs, holes), default=0) <= 20, holes
    heard = np.frombuffer(b"".join(chunk.payload for parts in chunks.values() for chunk in parts), np.int16)
    assert len(heard) // SAMPLE_RATE >= DURATION_S - 1
    score, _ = best_match(envelope(minute.samples[SAMPLE_RATE:-SAMPLE_RATE], SAMPLE_RATE), envelope(heard, SAMPLE_RATE))
    assert score > 0.9


async def test_every_recognised_word_is_spoken(minute: Minute) -> None:
    """Each clause with words is heard whole, in order and once; none is late, none has a hole."""
    overheard, ann = minute.overheard, minute.ann.participant_id
    for figures in overheard.figures:
        assert [voice.lost for voice in figures.voices] == [{}], figures
    assert len(voices(overheard, minute.ann, minute.ben, "es")) == len(overheard.clauses(ann))
    said = [clause.payload for clause in overheard.clauses(ann)]
    captions = [c for c in minute.ben.events("caption") if c["is_final"] and c["text"]]
    assert [caption["source_text"] for caption in captions] == said
    assert len(" ".join(said).split()) > 120


async def test_the_voice_keeps_up(minute: Minute) -> None:
    """No word is more than 12 s old when its translation is heard.

    A clause's first word is said where its sound begins, its last one where that ends; they are heard with the first
    and the last packet of the clause's voice as these reach Ben. The lag is the longer of both ways, of every clause.
    """
    overheard = minute.overheard
    clauses = overheard.clauses(minute.ann.participant_id)
    lags = []
    for clause, voice in zip(clauses, voices(overheard, minute.ann, minute.ben, "es"), strict=True):
        ends = monotonic_s(clause.ended_at_ms)
        begins = ends - (clause.end_ms - clause.start_ms) / 1000
        lags.append((voice.begins - begins, voice.ends - ends))
    print([(round(a, 1), round(b, 1)) for a, b in lags])  # noqa: T201
    assert max(max(lag) for lag in lags) <= MOST_LAG_S


async def test_the_original_is_heard_to_its_last_packet(minute: Minute) -> None:
    """Cat, who understands English, hears every packet of it, in order, while the engines are busy."""
    payloads = tuple(sound.payload for sound in minute.sent)
    begins = next(number for number, sound in enumerate(minute.sent) if sound.level < 60)
    assert find(payloads[begins:], minute.cat.on("floor")) is not None
    assert minute.cat.on("voice") == []


async def test_a_minute_of_digital_silence_costs_nothing(minute: Minute) -> None:
    """Cat's microphone was open and silent: no utterance, no chunk, not even a decoded packet."""
    assert minute.silent_s >= DURATION_S
    assert minute.overheard.utterances(minute.cat.participant_id) == []
    assert minute.decoder.decoded == 0
    assert [c for c in minute.ben.events("caption") if c["speaker_id"] == minute.cat.participant_id] == []
