"""A loaded model, whichever kind it is. All of it blocks, and none of it may be called twice at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.coqui.description import Description
from pipeline.engines.options.coqui import CoquiOptions

Sound = NDArray[np.float32]
"""Mono samples, full scale 1.0."""


class OutOfGpuMemoryError(Exception):
    """There is not enough memory on the GPU for this."""


@dataclass(frozen=True)
class Said:
    """One sentence to say."""

    text: str
    # What the model calls it.
    language: str
    # One of the model's own voices, if there is no likeness.
    voice: str
    # What `Model.likeness` gave; None: the model's own voice.
    likeness: Any
    speed: float
    # Of what is drawn at random on the way: the same draws the same.
    seed: int


class Model(Protocol):
    """What the engine asks a model for. Everything may raise `OutOfGpuMemoryError`."""

    # Its own voices' names; at least one.
    voices: tuple[str, ...]
    # Characters that it can say in one go, by what it calls the language.
    longest: dict[str, int]
    # Where it computes: cpu or cuda.
    device: str
    # Whether it can speak like somebody.
    imitates: bool

    def stream(self, said: Said) -> Iterator[Sound]:
        """Yield the sound as it is made."""
        ...

    def likeness(self, reference: bytes) -> Any:
        """Make what is needed to speak like whoever is heard in this 16 kHz mono s16le PCM."""
        ...

    def move_to_cpu(self) -> None:
        """Compute there from now on."""
        ...


def load(description: Description, options: CoquiOptions) -> Model:
    """Load a model; seconds on a fast machine.

    Raises:
        EngineUnavailableError: a package is missing, the weights are not what they should be, or there is no such GPU.
        OutOfGpuMemoryError: it does not fit into the GPU.
    """
    if description.kind == "xtts":
        from pipeline.engines.coqui.xtts import XttsModel

        return XttsModel(description, options)
    from pipeline.engines.coqui.vits import VitsModel

    return VitsModel(description, options)
