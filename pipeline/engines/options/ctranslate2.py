"""What can be set about CTranslate2's translation models."""

from dataclasses import dataclass
from typing import Literal

WELL_KNOWN = (
    "ar bg bn ca cs da de el en es et fa fi fil fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw "
    "ta te th tr uk ur vi zh zh-Hant"
)
"""Languages that models of many are used for, if nothing else is set: every pair of them is told of every 2 s."""


@dataclass(frozen=True)
class CTranslate2Options:
    """The models and the machine they run on."""

    # Models, the preferred first: names that `parley models list` has, folders with one, or folders of such folders.
    # Empty: all that are in `models_dir`. A model is NLLB, M2M100, MADLAD or Opus-MT as `ct2-transformers-converter`
    # writes them, with its SentencePiece model beside it (source.spm and target.spm, or one .model).
    models: tuple[str, ...] = ()
    # Where all models lie; `engines.models_dir` is put here.
    models_dir: str = ""
    # Languages that models of many are used for; the more, the more pairs every worker tells of.
    languages: tuple[str, ...] = tuple(WELL_KNOWN.split())
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # How numbers are held: `auto` is int8 on a CPU, and int8_float16 or float16 on a GPU that has it.
    compute_type: str = "auto"
    # Threads for a batch on a CPU; 0: as many as the process may have cores, at most 4.
    threads: int = 0
    # Ways that are followed side by side; 1 is fastest.
    beam_size: int = 1
    # Clauses that are translated at once, and milliseconds for which they are collected.
    max_batch_size: int = 32
    batch_wait_ms: int = 10
    # Clauses that wait for a model; more are refused.
    queue: int = 256
    # Models that are kept in memory; one more, and the longest unused is let go.
    loaded: int = 4
    # Tokens of one piece of a text; longer clauses are cut at sentences, else at blanks.
    piece_tokens: int = 128
    # Tokens of a translation: at most so many times the source's, and 16 more.
    longest: float = 2.5
    # More language codes, or other ones: "nllb:ar=arz_Arab". `engines.codes` is added.
    codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("beam_size", "max_batch_size", "queue", "loaded"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.threads < 0 or self.batch_wait_ms < 0:
            raise ValueError("threads and batch_wait_ms must be at least 0")
        if self.piece_tokens < 8 or self.longest < 1:
            raise ValueError("piece_tokens must be at least 8, longest at least 1")
