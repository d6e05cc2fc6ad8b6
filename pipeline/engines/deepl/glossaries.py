"""Rooms' glossaries at DeepL: made at the first clause that needs one, kept while they are used, deleted at the end.

developers.deepl.com/docs/api-reference/glossaries: POST /v2/glossaries, DELETE /v2/glossaries/{id}.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from pipeline.engines.engine import EngineError

TERMS = 500
"""Terms of one glossary; what is beyond is left out."""
CLOSE_S = 2.0
"""Seconds that deleting may take at the end; what is left then stays at DeepL, under a name that begins with parley."""

log = structlog.get_logger(__name__)


class Words(NamedTuple):
    """What one glossary is for. DeepL's are of languages, not of regions: EN and not EN-US."""

    room_id: str
    source: str
    target: str
    terms: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, room_id: str, source: str, target: str, glossary: Mapping[str, str]) -> "Words":
        """Take what DeepL takes: terms and renderings that are not empty, without tabs, line ends and outer blanks."""
        lines = ((" ".join(term.split()), " ".join(rendering.split())) for term, rendering in glossary.items())
        terms = tuple(sorted({term: rendering for term, rendering in lines if term and rendering}.items())[:TERMS])
        return cls(room_id, source.partition("-")[0], target.partition("-")[0], terms)

    @property
    def name(self) -> str:
        """The name at DeepL: it does not tell which room it is."""
        return f"parley {hashlib.sha256(repr(self).encode()).hexdigest()[:16]}"


class Glossaries:
    """Keeps at most `size` glossaries; one more, and the longest unused is deleted."""

    def __init__(self, make: Callable[[Words], str], delete: Callable[[str], None], *, size: int) -> None:
        """`make` and `delete` block, and raise EngineError."""
        self._make = make
        self._delete = delete
        self._size = size
        # Ordered by last use. None: DeepL did not take it, and is not asked again.
        self._known: OrderedDict[Words, asyncio.Task[str | None]] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()

    async def id_of(self, words: Words) -> str | None:
        """Give the id of a glossary, which is made if it is new; None if there is none."""
        if not words.terms or not self._size:
            return None
        task = self._known.get(words)
        if task is None:
            task = self._known[words] = asyncio.create_task(self._made(words), name="deepl glossary")
            self._end_oldest()
        self._known.move_to_end(words)
        # A clause that is cancelled does not cancel the glossary, which the next one uses.
        return await asyncio.shield(task)

    def forget(self, words: Words) -> None:
        """Make it anew for the next clause: DeepL does not know it any more."""
        self._known.pop(words, None)

    async def close(self) -> None:
        """Delete all, within a bounded time. Harmless twice."""
        for words in list(self._known):
            self._end(words)
        if self._ending:
            _, pending = await asyncio.wait(self._ending, timeout=CLOSE_S)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _made(self, words: Words) -> str | None:
        try:
            return await asyncio.to_thread(self._make, words)
        except EngineError as error:
            if error.retriable:
                self._known.pop(words, None)
            # A clause without the room's words is better than none.
            log.warning("deepl_glossary_refused", source=words.source, target=words.target, error=type(error).__name__)
            return None

    def _end_oldest(self) -> None:
        while len(self._known) > self._size:
            self._end(next(iter(self._known)))

    def _end(self, words: Words) -> None:
        ending = asyncio.create_task(self._deleted(self._known.pop(words)), name="delete deepl glossary")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _deleted(self, made: "asyncio.Task[str | None]") -> None:
        glossary_id = await made
        if glossary_id is None:
            return
        try:
            await asyncio.to_thread(self._delete, glossary_id)
        except EngineError as error:
            log.warning("deepl_glossary_left", error=type(error).__name__)
