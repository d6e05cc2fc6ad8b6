"""`parley worker` with engines that take no time: `python -m tests.support.scripted_worker STAGE BOOTSTRAP SLOT`."""

import asyncio
import signal
import sys
from dataclasses import dataclass, field, replace
from typing import get_args

from parley import logs
from parley.settings import LogSettings, ProcessSettings, Settings
from parley.stop import tell
from parley.worker import StageProcess
from pipeline.event_loop import new_event_loop
from pipeline.settings import KAFKA_SCHEME, PipelineSettings, StageCommand
from tests.fakes.engines import ScriptedTranslator, ScriptedVoicer
from tests.fakes.spelled import SpelledTranscriber


@dataclass
class Spelled:
    """Hears spelled words; translates and speaks them by the script."""

    transcriber: SpelledTranscriber = field(default_factory=SpelledTranscriber)
    translator: ScriptedTranslator = field(default_factory=ScriptedTranslator)
    voicer: ScriptedVoicer = field(default_factory=ScriptedVoicer)


async def main(stage: StageCommand, bootstrap: str, slot: int) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings(
        pipeline=replace(PipelineSettings(), bus_url=f"{KAFKA_SCHEME}{bootstrap}"),
        process=ProcessSettings(host_name="test", slot=slot),
    )
    logs.configure(LogSettings(level="warning"))
    async with StageProcess(stage, settings, engines=Spelled()) as process:
        tell(f"worker {process.instance_id} is ready, probes at {process.url}.")
        await stop.wait()


if __name__ == "__main__":
    stage_name, brokers, number = sys.argv[1:]
    assert stage_name in get_args(StageCommand)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(stage_name, brokers, int(number)))  # type: ignore[arg-type]
