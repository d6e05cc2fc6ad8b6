"""What can be set about Coqui."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CoquiOptions:
    """Settings `engines.coqui.*`."""

    # A model that `parley models list` has, or the folder of an XTTS or VITS model: config.json, model.pth, and what
    # else belongs to it (XTTS: vocab.json, speakers_xtts.pth).
    model: str = "xtts-v2"
    # Where all models lie; `engines.models_dir` is put here.
    models_dir: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # Weights may be Python objects of any kind, which run code of whoever made them. False: numbers only.
    allow_pickle: bool = False
    # What a VITS model speaks, as a tag, if its config.json does not say.
    language: str = ""
    # Audio tokens of XTTS in a chunk; each is 46 ms of sound. Fewer: sooner, and more work in all.
    chunk_tokens: int = 20
    # Speakers whose own voices are kept in memory, 130 kB each; the one unused for longest goes.
    likenesses: int = 64
    # Seconds of a speaker's sound that are looked at for it, and below which there is too little of it.
    reference_most_s: float = 30.0
    reference_least_s: float = 2.0

    def __post_init__(self) -> None:
        if self.chunk_tokens < 1 or self.likenesses < 1:
            raise ValueError("chunk_tokens and likenesses must be at least 1")
        if not 0.5 <= self.reference_least_s <= self.reference_most_s:
            raise ValueError("reference_least_s must be at least 0.5, and reference_most_s no less")
