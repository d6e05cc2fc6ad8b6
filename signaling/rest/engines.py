"""The engines that work for this server now, as its workers say."""

from typing import Annotated

import msgspec

from pipeline.messages import WorkerStatus
from pipeline.messages.worker_status import Stage
from signaling.rest.operation import Answer, Call, Operation
from signaling.rest.values import Nothing


class Pair(msgspec.Struct, frozen=True):
    """From one language to another."""

    source: str
    target: str


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker can do."""

    worker_id: str
    engine: str
    # Whether it works now; else `reason` says why not.
    healthy: bool
    reason: str
    # For recognition and synthesis.
    languages: list[str]
    # For translation.
    pairs: list[Pair]
    # Which engine of a chain serves: 0 is the best.
    rung: Annotated[int, msgspec.Meta(ge=0)]
    # What another engine does than the first of its chain.
    reduced_languages: list[str]
    reduced_pairs: list[Pair]


class Engines(msgspec.Struct, frozen=True, kw_only=True):
    """The workers of each stage. Empty: nothing is done there, and everybody is heard as they are."""

    recognition: list[Worker]
    translation: list[Worker]
    synthesis: list[Worker]


def engines_of(statuses: list[WorkerStatus]) -> Engines:
    """Give the workers by stage, in the order of their ids."""
    by_stage: dict[Stage, list[Worker]] = {"recognition": [], "translation": [], "synthesis": []}
    for status in sorted(statuses, key=lambda status: status.worker_id):
        by_stage[status.stage].append(_worker(status))
    return Engines(**by_stage)


def _worker(status: WorkerStatus) -> Worker:
    return Worker(
        worker_id=status.worker_id,
        engine=status.engine,
        healthy=status.healthy,
        reason=status.reason,
        languages=sorted(status.languages),
        pairs=[Pair(*pair) for pair in sorted(status.pairs)],
        rung=status.rung,
        reduced_languages=sorted(status.reduced_languages),
        reduced_pairs=[Pair(*pair) for pair in sorted(status.reduced_pairs)],
    )


async def list_engines(call: Call[Nothing, Nothing, None]) -> Engines:
    return engines_of(call.door.rooms.paths.statuses())


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/engines",
        name="list_engines",
        tag="languages",
        summary="List the engines that work now, by stage",
        does=list_engines,
        answer=Answer(200, "The workers that were heard of lately", Engines),
    ),
)
