"""What can be set about chains of engines, with units and defaults."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChainSettings:
    """How many engines stand behind each other, and when the next one is asked."""

    # With `auto`: so many engines for each language or pair, the best ones that work here. All of them are started at
    # once, and stay in memory: a model that is loaded only when it is needed comes too late for whoever speaks. 1: no
    # engine stands behind another. Where engines are named, all that are named stand behind each other.
    length: int = 2
    # Seconds for one request to a whole chain. While another engine is left, one gets 60 % of what remains of them; the
    # last one has until its own limit (`answer_limit_s`). For recognition each answer counts, with the length of the
    # sound that is new in it added; for synthesis, the way to the first packet; for translation, it is as long as the
    # worker waits.
    recognition_s: float = 8.0
    translation_s: float = 3.0
    synthesis_s: float = 4.0
    # After so many failures in a row an engine is left alone, for `pause_first_s` seconds, then one request tries it;
    # each time that this fails the pause doubles, up to `pause_most_s`.
    failures: int = 2
    pause_first_s: float = 2.0
    pause_most_s: float = 60.0
    # Seconds for which an engine is left alone whose provider refuses us (a wrong key, no credit).
    refused_s: float = 300.0

    def __post_init__(self) -> None:
        for name in ("length", "failures"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be at least 1")
