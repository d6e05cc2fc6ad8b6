"""A grant is watched until it ends."""

import asyncio
import time

import pytest

from signaling.identity import watch as module
from signaling.identity.grant import Grant, Identity
from signaling.identity.revocations import Revocations
from signaling.identity.watch import EXPIRED, REVOKED, Watch, until_ended

ADA = Identity("ada", "demo")
ONE, TWO = "one", "two"


def ending_in(seconds: float, token_id: str = ONE) -> Grant:
    return Grant(identity=ADA, expires_at=time.time() + seconds, token_id=token_id)


async def test_a_grant_ends_when_its_time_is_over() -> None:
    """Not before."""
    began = time.monotonic()
    assert await until_ended(ending_in(0.05), Revocations()) == EXPIRED
    assert 0.04 < time.monotonic() - began < 0.5


async def test_clocks_may_differ_here_too() -> None:
    """Who was let in within the leeway is not put out at once."""
    watch = Watch(ending_in(-0.05), Revocations(), leeway_s=0.1)
    assert watch.reason == ""
    assert await watch.ended() == watch.reason == EXPIRED


async def test_a_grant_ends_when_its_token_is_revoked() -> None:
    """At once; the revocation of another one wakes nobody for good."""
    revocations = Revocations()
    ended = asyncio.create_task(until_ended(ending_in(60), revocations))
    await asyncio.sleep(0)
    revocations.revoke("another", time.time() + 60)
    await asyncio.sleep(0.01)
    assert not ended.done()
    revocations.revoke(ONE, time.time() + 60)
    async with asyncio.timeout(1):
        assert await ended == REVOKED


async def test_one_that_was_revoked_before_ends_at_once() -> None:
    """Between coming in and being watched, say."""
    revocations = Revocations()
    revocations.revoke(ONE, time.time() + 60)
    assert await until_ended(ending_in(60), revocations) == REVOKED


async def test_another_token_extends_it() -> None:
    """And it ends when that one does."""
    watch = Watch(ending_in(0.05), Revocations())
    ended = asyncio.create_task(watch.ended())
    await asyncio.sleep(0.02)
    watch.renew(ending_in(0.15, TWO))
    await asyncio.sleep(0.06)
    assert not ended.done()
    assert watch.grant.token_id == TWO
    assert await ended == EXPIRED


async def test_the_clock_on_the_wall_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be set, or the machine may have slept: the loop's own clock tells nothing of that."""
    monkeypatch.setattr(module, "_LOOK_S", 0.01)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    ended = asyncio.create_task(until_ended(Grant(identity=ADA, expires_at=now + 3600), Revocations()))
    await asyncio.sleep(0.02)
    assert not ended.done()
    now += 3601
    async with asyncio.timeout(1):
        assert await ended == EXPIRED


async def test_who_stops_waiting_leaves_nothing_behind() -> None:
    """No callback, no task."""
    revocations = Revocations()
    waiting = asyncio.create_task(until_ended(ending_in(60), revocations))
    await asyncio.sleep(0)
    assert len(revocations._watchers) == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not revocations._watchers
