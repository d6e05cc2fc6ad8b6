"""The three stages, and a worker for each."""

from typing import get_args

import pytest

from parley.stages import STAGES, new_worker
from pipeline.bus.memory import MemoryBus
from pipeline.messages import WorkerStatus
from pipeline.messages.worker_status import Stage
from pipeline.settings import PipelineSettings, StageCommand
from tests.fakes.engines import Scripted, ScriptedTranscriber


def test_every_stage_has_its_name_on_the_command_line() -> None:
    """In the order in which an utterance passes them, each with the group that shares its topic."""
    assert tuple(STAGES) == get_args(StageCommand)
    assert tuple(kind.name for kind in STAGES.values()) == get_args(Stage)
    assert [(kind.topic, kind.group) for kind in STAGES.values()] == [
        ("audio.raw", "stt-worker-group"),
        ("text.original", "translation-worker-group"),
        ("text.translated", "tts-worker-group"),
    ]


@pytest.mark.parametrize("stage", get_args(StageCommand))
async def test_a_worker_of_each_says_what_it_can_do(stage: StageCommand) -> None:
    """Under the name that it was given."""
    engines = Scripted()
    async with (
        MemoryBus() as bus,
        bus.subscribe(WorkerStatus.TOPIC) as statuses,
        new_worker(stage, bus, engines, PipelineSettings(), worker_id=f"{stage}-rack4-0"),
    ):
        status = (await anext(aiter(statuses))).message
    assert isinstance(status, WorkerStatus)
    assert (status.worker_id, status.stage, status.engine) == (f"{stage}-rack4-0", STAGES[stage].name, "scripted")
    assert status.languages or status.pairs


def test_a_stage_knows_whether_its_engine_can_do_anything() -> None:
    """And what it is called."""
    engines = Scripted(ScriptedTranscriber(languages=()))
    assert [kind.works(engines) for kind in STAGES.values()] == [False, True, True]
    assert [kind.engine(engines) for kind in STAGES.values()] == ["scripted"] * 3
