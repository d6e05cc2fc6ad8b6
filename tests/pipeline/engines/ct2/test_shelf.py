"""The models that are loaded."""

import asyncio
import threading
from pathlib import Path

import pytest

from pipeline.engines.ct2.family import Tongues
from pipeline.engines.ct2.found import FoundModel
from pipeline.engines.ct2.shelf import LoadedModel, Shelf
from pipeline.engines.engine import EngineError

NOWHERE = Path("nowhere")


def found(name: str) -> FoundModel:
    return FoundModel(Path(name), Tongues("opus"), NOWHERE, NOWHERE)


class Loading:
    """Counts what is loaded, and waits while it is held."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.closed: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, model: FoundModel) -> LoadedModel:
        self.go_on.wait(5)
        self.names.append(model.name)
        if model.name == "broken":
            raise EngineError("it is broken")
        return _Loaded(model.name, self.closed)  # type: ignore[return-value]  # as much of one as a shelf touches


class _Loaded:
    def __init__(self, name: str, closed: list[str]) -> None:
        self._name = name
        self._closed = closed
        self.batcher = self

    async def close(self) -> None:
        self._closed.append(self._name)


async def test_a_model_is_loaded_once() -> None:
    """Also if several ask at once, and the first of them goes away."""
    loading = Loading()
    loading.go_on.clear()
    shelf = Shelf(loading, size=2)
    asked = [asyncio.create_task(shelf.model(found("a"))) for _ in range(3)]
    await asyncio.sleep(0.01)
    asked[0].cancel()
    loading.go_on.set()
    _, second, third = await asyncio.gather(*asked, return_exceptions=True)
    assert second is third
    assert loading.names == ["a"]
    await shelf.close()


async def test_the_longest_unused_is_let_go() -> None:
    """And all are in the end."""
    loading = Loading()
    shelf = Shelf(loading, size=2)
    for name in ("a", "b", "a", "c"):
        await shelf.model(found(name))
    await asyncio.sleep(0.01)
    assert loading.closed == ["b"]
    await shelf.close()
    await shelf.close()
    assert sorted(loading.closed) == ["a", "b", "c"]


async def test_what_could_not_be_loaded_is_tried_again() -> None:
    """It may have been memory."""
    loading = Loading()
    shelf = Shelf(loading, size=2)
    for _ in range(2):
        with pytest.raises(EngineError, match="broken"):
            await shelf.model(found("broken"))
    assert loading.names == ["broken", "broken"]
    await shelf.close()
