"""Packets that come in time, and those that do not."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pipeline.deadline import Deadline
from pipeline.in_time import InTime
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time


async def packets(*waits_s: float) -> AsyncGenerator[bytes, None]:
    for number, wait_s in enumerate(waits_s):
        await asyncio.sleep(wait_s)
        yield bytes([number])


def fail() -> bytes:
    raise TimeoutError("mine")


def in_time(source: AsyncGenerator[bytes, None], limit_ms: int | None) -> InTime:
    return InTime(source, Deadline(None if limit_ms is None else EPOCH_MS + limit_ms), virtual_now_ms)


@virtual_time
async def test_packets_in_time_all_come() -> None:
    """Each may come 20 ms later than the one before it."""
    async with in_time(packets(0.99, 0.02, 0.02), 1000) as voice:
        assert [packet async for packet in voice] == [b"\0", b"\1", b"\2"]
    assert (voice.late, len(voice.given)) == (False, 3)


@virtual_time
async def test_the_first_packet_that_is_too_late_is_the_end() -> None:
    """It is not waited for any longer than it may take."""
    async with in_time(packets(0.99, 0.031, 0.02), 1000) as voice:
        assert [packet async for packet in voice] == [b"\0"]
    assert voice.late
    assert virtual_now_ms() == EPOCH_MS + 1020


@virtual_time
async def test_without_a_deadline_everything_is_waited_for() -> None:
    """However long it takes."""
    async with in_time(packets(1e5), None) as voice:
        assert len([packet async for packet in voice]) == 1


@virtual_time
async def test_what_is_already_too_late_is_not_begun() -> None:
    """The source is not asked."""
    source = packets(0.0)
    async with in_time(source, -1) as voice:
        assert [packet async for packet in voice] == []
    assert voice.late


@virtual_time
async def test_a_timeout_of_the_engines_own_is_its_error() -> None:
    """It is not taken for the deadline."""

    async def broken() -> AsyncGenerator[bytes, None]:
        yield fail()

    async with in_time(broken(), 1000) as voice:
        with pytest.raises(TimeoutError, match="mine"):
            await anext(voice)
    assert not voice.late
