"""The models that are loaded: each with its pieces and its batcher; the longest unused makes room for another one."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.engines.ct2.batcher import Batcher
from pipeline.engines.ct2.cutting import cut_text
from pipeline.engines.ct2.family import Written
from pipeline.engines.ct2.found import FoundModel
from pipeline.engines.ct2.model import Model
from pipeline.engines.ct2.pieces import Pieces
from pipeline.engines.ct2.routes import Step
from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.engines.plain_text import plain


class LoadedModel:
    """Translates texts with one model."""

    def __init__(self, found: FoundModel, model: Model, options: CTranslate2Options) -> None:
        """Read the pieces. Blocks. Raises as `Pieces.read`."""
        self._found = found
        self._most = options.piece_tokens
        self._source = Pieces.read(found.source_pieces)
        same = found.source_pieces == found.target_pieces
        self._target = self._source if same else Pieces.read(found.target_pieces)
        self.batcher: Batcher[Written, list[str]] = Batcher(
            model.translate, most=options.max_batch_size, wait_s=options.batch_wait_ms / 1000, queue=options.queue
        )

    async def translate(self, text: str, step: Step) -> str:
        """Translate a text, cut into parts if it is long."""
        written = await asyncio.to_thread(self._written, text, step)
        answers = await self.batcher.ask(written)
        return plain(" ".join(self._target.decode(answer) for answer in answers))

    def _written(self, text: str, step: Step) -> Sequence[Written]:
        parts = cut_text(text, lambda part: len(self._source.encode(part)), self._most)
        tongues = self._found.tongues
        requests = [tongues.written(part, step.source, step.target, self._source.encode) for part in parts if part]
        if self._found.adds_end:
            return [Written(request.tokens[:-1], request.prefix) for request in requests]
        return requests


class Shelf:
    """Keeps at most `options.loaded` models. A model is loaded once, also if several ask for it at once."""

    def __init__(self, load: Callable[[FoundModel], LoadedModel], *, size: int) -> None:
        """`load` blocks, and raises EngineError."""
        self._load = load
        self._size = size
        # Ordered by last use.
        self._models: OrderedDict[Path, asyncio.Task[LoadedModel]] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()

    async def model(self, found: FoundModel) -> LoadedModel:
        """Give a model, which is loaded if it is not."""
        task = self._models.get(found.folder)
        if task is None:
            load = asyncio.to_thread(self._load, found)
            task = self._models[found.folder] = asyncio.create_task(load, name=f"load {found.name}")
            while len(self._models) > self._size:
                self._end(next(iter(self._models)))
        self._models.move_to_end(found.folder)
        try:
            # Who goes away does not stop the loading, which others wait for.
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            raise
        except BaseException:
            if self._models.get(found.folder) is task:
                del self._models[found.folder]
            raise

    async def close(self) -> None:
        """Let all go. Harmless twice."""
        for folder in list(self._models):
            self._end(folder)
        await asyncio.gather(*self._ending)

    def _end(self, folder: Path) -> None:
        ending = asyncio.create_task(_ended(self._models.pop(folder)), name="let go of a model")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


async def _ended(task: "asyncio.Task[LoadedModel]") -> None:
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is None:
        await task.result().batcher.close()
