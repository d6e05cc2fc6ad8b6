"""Decoders that are lent."""

import asyncio
from typing import Any

import pytest

from pipeline.engines.engine import EngineBusyError
from pipeline.engines.sphinx import pool as module
from pipeline.engines.sphinx.pool import DecoderPool


class FakeDecoder:
    def get_cmn(self, update: bool) -> str:
        return "40,3,-1"


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    decoders: list[Any] = []

    def load() -> FakeDecoder:
        decoder = FakeDecoder()
        decoders.append(decoder)
        return decoder

    monkeypatch.setattr(module, "load", load)
    return decoders


def pool(ready: int = 1, most: int = 2, wait_s: float = 5) -> DecoderPool:
    return DecoderPool(ready=ready, most=most, wait_s=wait_s)


async def test_decoders_are_loaded_once(loaded: list[Any]) -> None:
    """Who comes after another gets the same."""
    lender = pool()
    await lender.fill()
    assert list(lender.own_mean.values) == [40, 3, -1]
    for _ in range(3):
        lender.give_back(await lender.borrow())
    assert len(loaded) == 1


async def test_another_is_loaded_when_all_are_lent(loaded: list[Any]) -> None:
    """Up to the most."""
    lender = pool()
    await lender.fill()
    first, second = await lender.borrow(), await lender.borrow()
    assert {id(first), id(second)} == {id(decoder) for decoder in loaded}
    assert len(loaded) == 2


async def test_beyond_the_most_one_waits_for_one_to_come_back(loaded: list[Any]) -> None:
    """And gets that one."""
    lender = pool(most=1)
    await lender.fill()
    decoder = await lender.borrow()
    waiting = asyncio.create_task(lender.borrow())
    await asyncio.sleep(0)
    lender.give_back(decoder)
    assert await waiting is decoder


async def test_waiting_has_a_limit(loaded: list[Any]) -> None:
    """Then the engine is busy, which may pass."""
    lender = pool(most=1, wait_s=0.01)
    await lender.fill()
    await lender.borrow()
    with pytest.raises(EngineBusyError, match="all 1 decoders are in use"):
        await lender.borrow()


async def test_a_broken_decoder_is_replaced(loaded: list[Any]) -> None:
    """Its place is free, and it is not lent again."""
    lender = pool(most=1)
    await lender.fill()
    broken = await lender.borrow()
    lender.replace()
    assert await lender.borrow() is not broken


async def test_a_failure_to_load_costs_no_place(loaded: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one may have more luck."""
    lender = pool(ready=1, most=2, wait_s=0.01)
    await lender.fill()
    await lender.borrow()

    def fail() -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(module, "load", fail)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no memory"):
            await lender.borrow()


def test_an_empty_pool_holds_nothing(loaded: list[Any]) -> None:
    """Memory is given back at the end."""
    lender = pool(ready=2)
    asyncio.run(lender.fill())
    lender.empty()
    assert lender._free == []
