"""Words to listen for, as many as a provider has room for. Pure."""

from collections.abc import Iterable

from pipeline.engines.plain_text import plain

LONGEST = 60
"""Characters of one; what is longer is no term, and is left out."""


def fitting(hints: Iterable[str], characters: int) -> tuple[str, ...]:
    """Give the first of them that fit into so many characters together, each on one line, none twice."""
    taken: dict[str, None] = {}
    for hint in map(plain, hints):
        if hint and len(hint) <= LONGEST and hint not in taken:
            characters -= len(hint) + 1
            if characters < 0:
                break
            taken[hint] = None
    return tuple(taken)
