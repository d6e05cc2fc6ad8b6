"""chrF: how much of the characters' n-grams a translation shares with a reference, 0 to 100.

Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015; as sacrebleu computes it by default:
n-grams of 1 to 6 characters without white space, recall counting twice as much as precision (beta = 2).
"""

from collections import Counter
from collections.abc import Iterable

ORDER = 6
BETA = 2.0


def chrf(pairs: Iterable[tuple[str, str]]) -> float:
    """Score translations, each with its reference, as one text: counts are added up over all."""
    counts = [[0, 0, 0] for _ in range(ORDER)]
    for translation, reference in pairs:
        for order, count in enumerate(counts, 1):
            ours, theirs = _ngrams(translation, order), _ngrams(reference, order)
            count[0] += (ours & theirs).total()
            count[1] += ours.total()
            count[2] += theirs.total()
    used = [count for count in counts if count[1] and count[2]]
    if not used:
        return 0.0
    precision = sum(count[0] / count[1] for count in used) / len(used)
    recall = sum(count[0] / count[2] for count in used) / len(used)
    if not precision + recall:
        return 0.0
    return 100 * (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def _ngrams(text: str, order: int) -> Counter[str]:
    characters = "".join(text.split())
    return Counter(characters[at : at + order] for at in range(len(characters) - order + 1))
