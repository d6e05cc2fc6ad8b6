"""Who speaks in which of an engine's voices."""

import hashlib
from collections.abc import Iterable


def cast(seed: str, voices: Iterable[str]) -> str:
    """Draw one of some voices for whoever this is: always the same, another person's likely another. Empty if none.

    A voice that is added takes over those who draw it, and one that goes gives its own away: nobody else changes
    (rendezvous hashing: Thaler, Ravishankar 1998).
    """
    return max(voices, key=lambda voice: (_drawn(seed, voice), voice), default="")


def _drawn(seed: str, voice: str) -> bytes:
    return hashlib.blake2b(f"{voice}\n{seed}".encode(errors="replace"), digest_size=8).digest()
