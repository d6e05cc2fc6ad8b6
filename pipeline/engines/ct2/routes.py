"""Which model, or which two, translate a pair."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.engines.ct2.found import FoundModel
from pipeline.messages.language import hears

PIVOT = "en"
"""The language between two others, where there is a choice: most models were trained with it."""


class Step(NamedTuple):
    """One translation by one model."""

    model: FoundModel
    source: str
    target: str


Route = tuple[Step, ...]
"""One step, or two."""


def routes(models: Sequence[FoundModel]) -> dict[tuple[str, str], Route]:
    """Give a route for every pair: the first model that has it; else two with one language in between.

    Args:
        models: the preferred first.
    """
    direct: dict[tuple[str, str], Step] = {}
    for model in models:
        for source, target in model.pairs:
            direct.setdefault((source, target), Step(model, source, target))
    found: dict[tuple[str, str], Route] = {pair: (step,) for pair, step in direct.items()}
    for first in sorted(direct.values(), key=lambda step: (step.target != PIVOT, step.target)):
        for second in direct.values():
            pair = (first.source, second.target)
            if second.source == first.target and pair not in found and not hears(*pair):
                found[pair] = (first, second)
    return found
