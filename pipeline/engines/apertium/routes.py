"""Ways from one language to another over the modes that are installed."""

from collections.abc import Iterable

from pipeline.engines.apertium.mode import Mode
from pipeline.messages.language import hears

Route = tuple[Mode, ...]
"""One mode, or two: each more makes the translation worse."""


def routes(modes: Iterable[Mode]) -> dict[tuple[str, str], Route]:
    """Find the shortest route for every pair of languages that has one of at most two steps.

    Of several through different languages, the one through the plainest tag wins (`es` before `es-419`), then by
    alphabet: the same machine always takes the same one.
    """
    direct: dict[tuple[str, str], Mode] = {}
    for mode in modes:
        direct.setdefault((mode.source, mode.target), mode)
    found: dict[tuple[str, str], Route] = {pair: (mode,) for pair, mode in direct.items()}
    for first in sorted(direct.values(), key=_plainness):
        for second in direct.values():
            pair = (first.source, second.target)
            if second.source == first.target and pair not in found and not hears(*pair):
                found[pair] = (first, second)
    return found


def _plainness(mode: Mode) -> tuple[int, str]:
    return mode.target.count("-"), mode.target
