"""Workers whose engines take no time: what is left is the pipeline.

As a program: one on Kafka, until its input ends.
"""

import asyncio
import sys
from contextlib import AbstractAsyncContextManager
from typing import Any

from parley import logs
from parley.settings import LogSettings
from pipeline.bus.bus import Bus
from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.event_loop import new_event_loop
from pipeline.messages import AudioChunk, Transcript, Translation
from pipeline.recognition import RecognitionStage
from pipeline.settings import KafkaSettings
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer, words

STAGES = ("recognition", "translation", "synthesis")


def zero_time_worker(bus: Bus, stage: str) -> AbstractAsyncContextManager[Worker[Any]]:
    """Make a worker of a stage."""
    if stage == "recognition":
        hears = RecognitionStage(ScriptedTranscriber(words("good morning to you")))
        return Worker(bus, AudioChunk.TOPIC, RECOGNITION_GROUP, hears)
    if stage == "translation":
        return Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, TranslationStage(ScriptedTranslator()))
    speaks = SynthesisStage(ScriptedVoicer(), engine="scripted")
    return Worker(bus, Translation.TOPIC, SYNTHESIS_GROUP, speaks)


async def main(stage: str, bootstrap: str, prefix: str) -> None:
    async with (
        KafkaBus(KafkaSettings(bootstrap_servers=bootstrap, prefix=prefix)) as bus,
        zero_time_worker(bus, stage),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    logs.configure(LogSettings(level="warning"))
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
