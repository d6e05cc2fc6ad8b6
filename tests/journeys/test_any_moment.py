"""Workers die at any moment, again and again: every word is said once, and heard once."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from msgspec.structs import replace

from media_server.playout.clause_voice import ClauseVoice
from media_server.utterance import Utterance
from pipeline.bus.bus import Bus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.messages import AudioChunk, DeadLetter, Speech, Transcript, Translation
from pipeline.recognition import RecognitionStage
from pipeline.settings import WorkerSettings
from pipeline.stage import Stage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer, words
from tests.fakes.late_commits import LateCommits
from tests.fakes.virtual_time import VirtualLoop, virtual_now_ms
from tests.pipeline.support import Heard, chunk, listening, speech_of

DIES = WorkerSettings(drain_s=0.0)
TEXTS = ["we went home", "then we ate", "and slept"]
SCRIPT = words(TEXTS[0]) + words(TEXTS[1], start_ms=900) + words(TEXTS[2], start_ms=1_900)
SPEAKERS, UTTERANCES, KILLS = 4, 5, 12

Make = Callable[[], Stage]  # type: ignore[type-arg]


def transcriber() -> ScriptedTranscriber:
    return ScriptedTranscriber(SCRIPT, delay_s=0.01, lag_ms=100)


STAGES: dict[str, tuple[str, str, Make]] = {
    "stt": (AudioChunk.TOPIC, RECOGNITION_GROUP, lambda: RecognitionStage(transcriber(), now_ms=virtual_now_ms)),
    "mt": (
        Transcript.TOPIC,
        TRANSLATION_GROUP,
        lambda: TranslationStage(ScriptedTranslator(delays_s={"es": 0.03}), now_ms=virtual_now_ms),
    ),
    "tts": (
        Translation.TOPIC,
        SYNTHESIS_GROUP,
        lambda: SynthesisStage(ScriptedVoicer(packet_s=0.007), now_ms=virtual_now_ms),
    ),
}


async def mortal(bus: Bus, kind: str, dice: random.Random) -> None:
    """Keep a worker running that dies every now and then, and is started again."""
    topic, group, make = STAGES[kind]
    for _ in range(KILLS):
        async with Worker(bus, topic, group, make(), DIES, now_ms=virtual_now_ms):
            await asyncio.sleep(dice.uniform(0.05, 2.5))
        await asyncio.sleep(dice.uniform(0.0, 0.3))
    async with Worker(bus, topic, group, make(), DIES, now_ms=virtual_now_ms):
        await asyncio.Event().wait()


async def speaks(bus: Bus, user: str, dice: random.Random) -> None:
    """Say the same a few times, with or without a look at the end before it."""
    for number in range(UTTERANCES):
        name, now = f"{user}-{number}", virtual_now_ms()
        chunks = speech_of(2_500, utterance=name, user=user)
        if dice.random() < 0.5:
            chunks += [chunk(2_500, ms=0, maybe_last=1, utterance=name, user=user)]
            chunks += speech_of(200, start_ms=2_500, utterance=name, user=user)
            chunks += [chunk(2_700, ms=0, last=True, confirms=1, utterance=name, user=user)]
        else:
            chunks += [chunk(2_500, ms=0, last=True, utterance=name, user=user)]
        for one in chunks:
            await asyncio.sleep(len(one.payload) / 32_000)
            await bus.publish(replace(one, utterance_started_at_ms=now))


def told(heard: Heard, utterance: str) -> list[tuple[int, str, bool]]:
    """Give number, text and last of each final clause of an utterance."""
    return [
        (t.clause, t.payload, t.last)
        for t in heard.of(Transcript, lambda t: t.is_final and t.utterance_id == utterance)
    ]


def played(heard: Heard, utterance: str, clause: int) -> list[str]:
    """Give the packets of a clause as a listener would get them."""
    of = Utterance(utterance_id=utterance, speaker_id="x", number=1, started_at_ms=0)
    of.ended_at_ms, of.confirms = 1, 1
    voice = ClauseVoice(of, clause)
    packets = []
    for speech in heard.of(Speech, lambda s: (s.utterance_id, s.clause) == (utterance, clause)):
        voice.put(speech)
    while (taken := voice.take()) is not None:
        packets.append(taken[1].decode())
    assert voice.finished
    return packets


async def day(seed: int) -> Heard:
    dice = random.Random(seed)
    async with LateCommits() as bus, listening(bus) as heard:
        workers = [asyncio.create_task(mortal(bus, kind, random.Random(dice.random()))) for kind in STAGES]
        await asyncio.gather(*(speaks(bus, f"user{n}", random.Random(dice.random())) for n in range(SPEAKERS)))
        await asyncio.sleep(60)
        for worker in workers:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
    return heard


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 40))])
def test_every_word_is_said_once_and_heard_once(seed: int) -> None:
    """Each clause has its number and its text, however often it was published; there is one end, and no dead letter."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        heard = runner.run(day(seed))
    assert heard.of(DeadLetter) == []
    silent = 0
    for utterance in [f"user{n}-{number}" for n in range(SPEAKERS) for number in range(UTTERANCES)]:
        finals = told(heard, utterance)
        assert sorted(set(finals)) == [(n, text, n == 2) for n, text in enumerate(TEXTS)], utterance
        assert len(finals) == 3, utterance
        for clause, text in enumerate(TEXTS):
            translated = heard.of(Translation, lambda t, u=utterance, c=clause: (t.utterance_id, t.clause) == (u, c))  # type: ignore[misc]
            assert {t.payload for t in translated if t.is_final} == {f"es({text})"}
            packets = played(heard, utterance, clause)
            assert packets in ([f"es({text})/{n}" for n in range(5 * len(text.split()))], []), (utterance, clause)
            silent += not packets
    assert silent <= 0.05 * SPEAKERS * UTTERANCES * len(TEXTS)
