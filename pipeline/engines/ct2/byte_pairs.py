"""Byte-pair encoding (Sennrich 2016, arxiv.org/abs/1508.07909) as SentencePiece does it: of two neighbours that make a
piece together, those with the best score are joined first; among equals the leftmost.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence


def join_pairs(symbols: Sequence[str], scores: Mapping[str, float], frozen: Callable[[str], bool]) -> list[str]:
    """Join symbols until no two neighbours make a piece.

    Args:
        symbols: a text's characters, or user-defined pieces.
        scores: every piece's.
        frozen: whether a symbol is never joined with another.
    """
    parts: list[str] = list(symbols)
    before = list(range(-1, len(parts) - 1))
    after = [*range(1, len(parts)), -1]
    queue: list[tuple[float, int, int, str]] = []

    def offer(left: int, right: int) -> None:
        if left < 0 or right < 0 or frozen(parts[left]) or frozen(parts[right]):
            return
        joined = parts[left] + parts[right]
        score = scores.get(joined)
        if score is not None:
            heapq.heappush(queue, (-score, left, right, joined))

    for place in range(len(parts) - 1):
        offer(place, place + 1)
    while queue:
        _, left, right, joined = heapq.heappop(queue)
        # What stands there may have been joined with something else meanwhile.
        if after[left] != right or parts[left] + parts[right] != joined:
            continue
        parts[left], parts[right] = joined, ""
        after[left] = after[right]
        if after[right] >= 0:
            before[after[right]] = left
        after[right] = -2
        offer(before[left], left)
        offer(left, after[left])
    return [part for part in parts if part]
