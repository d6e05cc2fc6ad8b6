"""How long to wait before trying again."""

import random
from dataclasses import dataclass

_chance = random.SystemRandom()


@dataclass(frozen=True)
class BackoffSettings:
    """Pauses that grow, each shortened by chance so that many clients do not come back at once."""

    # Seconds before the second try; the first one is made at once.
    first_s: float = 0.25
    # No pause is longer.
    most_s: float = 8.0
    # Each pause is so many times the one before.
    factor: float = 2.0
    # By how much of itself a pause may be shorter.
    jitter: float = 0.5
    # For how long it is tried at all; then the error is raised. Servers keep a place for 30 s.
    give_up_s: float = 60.0


class Backoff:
    """The pauses of one row of failures. Pure."""

    def __init__(self, settings: BackoffSettings | None = None) -> None:
        self._settings = settings or BackoffSettings()
        self._tries = 0

    def reset(self) -> None:
        """Begin anew: it worked."""
        self._tries = 0

    def pause_s(self) -> float:
        """Give the pause before the next try: none before the first."""
        self._tries += 1
        if self._tries == 1:
            return 0.0
        settings = self._settings
        pause = min(settings.most_s, settings.first_s * settings.factor ** (self._tries - 2))
        return pause * (1 - settings.jitter * _chance.random())
