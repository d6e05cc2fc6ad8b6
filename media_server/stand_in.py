"""A language, or a pair of them, for which another engine serves than the usual one."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.messages import Stage, WorkerStatus
from pipeline.messages.language import AUTO, hears, spoken


class StandIn(NamedTuple):
    """What the usual engine of a stage does not do now."""

    stage: Stage
    # As spoken, without region or script: one, or for translation the source and the target.
    languages: tuple[str, ...]


def stand_ins_of(status: WorkerStatus) -> frozenset[StandIn]:
    """Read them from what a worker says of itself."""
    ones = ((language,) for language in status.reduced_languages)
    return frozenset(StandIn(status.stage, tuple(map(spoken, each))) for each in (*ones, *status.reduced_pairs))


def concerning(speaking: str, listening: str, others: Iterable[str]) -> frozenset[StandIn]:
    """Give all that would concern somebody, by what they speak and hear, and what the others in the room speak.

    How their own words and everybody else's are recognised, and how those of others reach them. `auto` is no language
    yet, and concerns nobody.
    """
    known = {spoken(other) for other in others} - {AUTO}
    foreign = {other for other in known if not hears(listening, other)}
    found = {StandIn("recognition", (each,)) for each in {*known, spoken(speaking)} - {AUTO}}
    found |= {StandIn("translation", (each, spoken(listening))) for each in foreign}
    return frozenset(found | ({StandIn("synthesis", (spoken(listening),))} if foreign else set()))
