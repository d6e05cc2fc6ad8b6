"""A voice out of a provider's stock for everybody."""

import hashlib
from collections.abc import Sequence


def stock_voice(seed: str, voices: Sequence[str]) -> str:
    """Draw by whoever this is: always the same, another person's likely another. Empty if there are none.

    A voice that joins the stock, or leaves it, changes nobody else's (rendezvous hashing: Thaler, Ravishankar 1998).
    """
    return max(voices, key=lambda voice: _rank(seed, voice), default="")


def _rank(seed: str, voice: str) -> bytes:
    return hashlib.blake2b(f"{voice}\n{seed}".encode(errors="replace"), digest_size=8).digest()
