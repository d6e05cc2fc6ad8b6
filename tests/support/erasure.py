"""How much of what was shown had to be taken back.

Normalised erasure: Arivazhagan et al., "Re-translation versus Streaming for Simultaneous Translation", 2020: the words
that each new text takes back from the end of the one before, added up, for each word of the last one.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise


def normalised_erasure(texts: Iterable[Sequence[Sequence[str]]]) -> float:
    """Give it for several utterances together; of each, its texts as words, in the order in which they were shown."""
    erased = final = 0
    for shown in texts:
        erased += sum(len(before) - common(before, after) for before, after in pairwise(shown))
        final += len(shown[-1]) if shown else 0
    return erased / final if final else 0.0


def common(before: Sequence[str], after: Sequence[str]) -> int:
    """Count the words at the beginning that are the same."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    return same
