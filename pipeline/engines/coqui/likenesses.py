"""The voices of people who let theirs be used: what a model made of their sound, in memory only."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple


class Likeness(NamedTuple):
    """What a model needs to speak like somebody; its parts are the model's own."""

    # What it was made of, as a digest.
    source: bytes
    made: Any


class Likenesses:
    """Keeps the last `most` of them; the one unused for longest goes. The sound itself is not kept, nor written."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Likeness] = OrderedDict()

    def of(self, voice_seed: str, reference: bytes, make: Callable[[bytes], Any]) -> Any:
        """Give a speaker's; `make` it if there is none, or if it was made of another sound."""
        source = hashlib.blake2b(reference, digest_size=16).digest()
        kept = self._kept.get(voice_seed)
        if kept is None or kept.source != source:
            kept = self._kept[voice_seed] = Likeness(source, make(reference))
        self._kept.move_to_end(voice_seed)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept.made

    def forget(self, voice_seed: str) -> None:
        """Let go of one; nothing happens if there is none."""
        self._kept.pop(voice_seed, None)

    def clear(self) -> None:
        """Let go of all."""
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)
