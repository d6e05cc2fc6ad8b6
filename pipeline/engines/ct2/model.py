"""One loaded model: batches of requests in, tokens out; on the GPU as long as its memory is enough."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import structlog
from prometheus_client import Counter

from pipeline.engines.ct2.family import Written
from pipeline.engines.engine import EngineError
from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.engines.out_of_memory import is_out_of_memory

OUT_OF_MEMORY = Counter("parley_translation_out_of_memory_total", "Batches that did not fit into the GPU's memory.")
ON_CPU = Counter("parley_translation_cpu_fallbacks_total", "Models that went on on the CPU.")

SPARE_TOKENS = 16
"""Tokens that even the shortest text's translation may have."""

log = structlog.get_logger(__name__)


class Place(NamedTuple):
    """Where a model runs: CTranslate2's device, and how numbers are held there."""

    device: str
    compute_type: str


CPU = Place("cpu", "int8")


class Translator(Protocol):
    """As much of `ctranslate2.Translator` as is used."""

    def translate_batch(self, source: list[list[str]], **options: Any) -> list[Any]: ...


Load = Callable[[Path, Place, int], Translator]
"""Loads a folder to a place, with so many threads."""


class Model:
    """Blocks; used by one thread at a time."""

    def __init__(self, folder: Path, options: CTranslate2Options, place: Place, load: Load) -> None:
        """Load it. Raises EngineError if it cannot be, also not on the CPU."""
        self._folder = folder
        self._options = options
        self._load = load
        self.place = place
        # Requests that fit into the memory at once, as far as is known.
        self.limit = options.max_batch_size
        self._translator = self._loaded()

    def translate(self, requests: Sequence[Written]) -> list[list[str] | EngineError]:
        """Translate some requests: for each its tokens, without the prefix, or why not."""
        results: list[list[str] | EngineError] = []
        while len(results) < len(requests):  # the limit may become smaller on the way
            results += self._batch(list(requests[len(results) : len(results) + self.limit]))
        return results

    def _batch(self, requests: list[Written]) -> list[list[str] | EngineError]:
        try:
            return list(self._once(requests))
        except (RuntimeError, ValueError, MemoryError) as error:
            if is_out_of_memory(error):
                return self._with_less(requests)
            if len(requests) > 1:  # a bad request costs only itself
                return [result for request in requests for result in self._batch([request])]
            # Not its message, which might quote what was said.
            log.error("translation_failed", model=self._folder.name, error=type(error).__name__)
            return [EngineError(f"{type(error).__name__} in {self._folder.name}")]

    def _with_less(self, requests: list[Written]) -> list[list[str] | EngineError]:
        """Do it in halves; what does not fit alone, and everything after it, on the CPU."""
        OUT_OF_MEMORY.inc()
        if len(requests) > 1:
            self.limit = max(1, len(requests) // 2)
            log.warning("translation_out_of_memory", model=self._folder.name, clauses=len(requests), limit=self.limit)
            return self.translate(requests)
        if self.place.device == "cpu":
            return [EngineError(f"no memory for {self._folder.name}")]
        self._go_to_cpu("out of memory")
        return self._batch(requests)

    def _once(self, requests: list[Written]) -> list[list[str]]:
        # A batch has one bound, and a short text is not to ramble because a long one is beside it.
        bounds = [int(self._options.longest * len(request.tokens)) + SPARE_TOKENS for request in requests]
        prefixes = [request.prefix for request in requests]
        answers = self._translator.translate_batch(
            [request.tokens for request in requests],
            target_prefix=prefixes if any(prefixes) else None,
            beam_size=self._options.beam_size,
            max_batch_size=self.limit,
            max_decoding_length=max(bounds) + max(map(len, prefixes)),
            disable_unk=True,
        )
        tokens = [answer.hypotheses[0] for answer in answers]
        return [each[len(prefix) :][:bound] for each, prefix, bound in zip(tokens, prefixes, bounds, strict=True)]

    def _loaded(self) -> Translator:
        try:
            return self._load(self._folder, self.place, self._options.threads)
        except (RuntimeError, ValueError) as error:
            if self.place.device == "cpu":
                raise EngineError(f"{self._folder.name} cannot be loaded ({type(error).__name__})") from None
            self.place = CPU
            ON_CPU.inc()
            why = "out of memory" if is_out_of_memory(error) else type(error).__name__
            log.warning("translation_on_cpu", model=self._folder.name, why=why)
            return self._loaded()

    def _go_to_cpu(self, why: str) -> None:
        ON_CPU.inc()
        log.warning("translation_on_cpu", model=self._folder.name, why=why)
        self.place, self.limit = CPU, self._options.max_batch_size
        self._translator = self._loaded()
