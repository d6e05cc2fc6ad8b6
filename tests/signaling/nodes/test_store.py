"""The shell around Redis, and the scripts that Redis runs."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signaling.identity.revocations import Revocation
from signaling.nodes.errors import NodesError, RedisDownError
from signaling.nodes.lease import Claim
from signaling.nodes.node import Node, Owner
from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Barred, Beat, Change, Granted, Store
from tests.support.redis_server import RedisServer, own_redis

ONE, TWO = Node(node_id="one", url="http://one:1", people=3), Node(node_id="two", url="http://two:2")
TIMES: dict[str, Any] = {"lease_ms": 400, "renew_ms": 100, "fence_ms": 300, "answer_ms": 100}
PATIENT: dict[str, Any] = {"lease_ms": 40_000, "renew_ms": 10_000, "fence_ms": 30_000, "answer_ms": 2_000}


@pytest.fixture
async def store(redis: RedisServer, prefix: str) -> AsyncIterator[Store]:
    """Give a store whose Redis has known of nodes for long."""
    async with Store(NodeSettings(redis_url=redis.url, prefix=prefix, **PATIENT)) as store:
        await store.beat(ONE, [], 0)
        redis.ask("SET", f"{prefix}epoch", "1")
        yield store


async def granted(store: Store, node: Node = ONE, room_id: str = "demo") -> Granted:
    outcome = await store.claim(room_id, node)
    assert isinstance(outcome, Granted)
    return outcome


async def test_a_room_is_claimed_once(store: Store) -> None:
    """Others are told whose it is; each later claim has a greater generation."""
    first = await granted(store)
    assert await store.claim("demo", TWO) == Owner(first.claim.value)
    assert await store.owner("demo") == Owner(first.claim.value)
    assert await store.release(first.claim, 0)
    assert await store.owner("demo") is None
    second = await granted(store, TWO)
    assert second.claim.generation > first.claim.generation
    assert not await store.release(first.claim, 0)
    assert Owner(second.claim.value).url == "http://two:2"


async def test_a_beat_renews_what_is_ours_and_tells_of_the_others(store: Store) -> None:
    """What has gone is made anew; what is somebody else's is lost."""
    mine, gone, theirs = [(await granted(store, room_id=room)).claim for room in ("mine", "gone", "theirs")]
    await store._redis.delete(*store._lease_keys("gone")[:1], *store._lease_keys("theirs")[:1])
    await granted(store, TWO, "theirs")
    await store.beat(TWO, [], 0)
    beat = await store.beat(ONE, [mine, gone, theirs], 7)
    assert beat == Beat([ONE, TWO], [mine, gone], [gone], [theirs])
    assert await store.owner("gone") == Owner(gone.value)


async def test_a_lease_that_was_somebody_elses_meanwhile_is_not_made_anew(store: Store) -> None:
    """They had it and gave it back: what this node knows of the room is old."""
    mine = (await granted(store)).claim
    await store._redis.delete(store._lease_keys("demo")[0])
    theirs = (await granted(store, TWO)).claim
    await store.release(theirs, 0)
    assert (await store.beat(ONE, [mine], 0)).lost == [mine]
    assert await store.owner("demo") is None


async def test_numbers_go_on_above_those_of_the_last_owner(store: Store) -> None:
    """By as much as it could have given since."""
    mine = (await granted(store)).claim
    await store.beat(ONE, [mine], 1_000_000)
    await store._redis.delete(store._lease_keys("demo")[0])
    await asyncio.sleep(0.05)
    theirs = await granted(store, TWO)
    assert 1_000_050 <= theirs.floor < 1_010_000
    await store.release(theirs.claim, 2_000_000)
    assert 2_000_000 <= (await granted(store)).floor < 2_010_000


async def test_after_an_outage_nobody_claims_for_one_lease(redis: RedisServer, prefix: str) -> None:
    """Before anybody was heard of, when nobody was for long, and when Redis's clock was set."""
    async with Store(NodeSettings(redis_url=redis.url, prefix=prefix, **TIMES)) as store:
        first = await store.claim("demo", ONE)
        assert isinstance(first, Barred)
        assert first.wait_s == pytest.approx(0.4, abs=0.05)
        for clock in (-1_000, 1_000):
            await store._redis.set(f"{prefix}epoch", 1)
            await store._redis.set(f"{prefix}pulse", int(time.time() * 1_000) + clock)
            assert isinstance(await store.claim("demo", ONE), Barred)
        began = time.monotonic()
        while isinstance(await store.claim("demo", ONE), Barred):
            await store.beat(ONE, [], 0)
            await asyncio.sleep(0.03)
        assert time.monotonic() - began > 0.3


async def test_a_lease_does_not_outlive_its_owner_by_a_clock_that_was_set_back(store: Store) -> None:
    """Whoever asks shortens it to one lease."""
    await granted(store)
    key = store._lease_keys("demo")[0]
    await store._redis.pexpire(key, 4_000_000)
    await store.claim("demo", TWO)
    assert await store._redis.pttl(key) <= PATIENT["lease_ms"]


async def test_many_rooms_are_renewed_in_pieces(store: Store) -> None:
    """And all of them are."""
    claims = [Claim(f"r{n}", f"1 one http://one:1 {n}", 1) for n in range(1_100)]
    beat = await store.beat(ONE, claims, 0)
    assert len(beat.kept) == len(beat.made_anew) == 1_100


async def test_what_is_kept_of_a_room_is_its_owners_to_write(store: Store) -> None:
    """State and captions come back; the newest captions stay; who lost the room changes nothing."""
    mine = (await granted(store)).claim
    args: dict[str, Any] = {"most": 2, "life_s": 60}
    assert await store.save(mine, Change(record=b"locked", captions=[b"1", b"2"]), **args)
    assert await store.save(mine, Change(captions=[b"3"]), **args)
    assert await store.load("demo") == (b"locked", [b"2", b"3"])
    await store.release(mine, 0)
    assert not await store.save(mine, Change(record=b"open"), **args)
    assert await store.load("demo") == (b"locked", [b"2", b"3"])
    again = (await granted(store)).claim
    assert await store.save(again, Change(captions=[b"4"], clear=True), **args)
    assert await store.load("demo") == (b"locked", [b"4"])
    assert await store.save(again, Change(drop=True, clear=True), **args)
    assert await store.load("demo") == (None, [])


async def test_revocations_are_kept_until_their_time_is_over(store: Store) -> None:
    """The later end counts."""
    soon, late = Revocation("a", time.time() + 50.5), Revocation("a", time.time() + 90.5)
    for revocation in (Revocation("over", time.time() - 5), late, soon):
        await store.add(revocation)
    assert [each.token_id for each in await store.all()] == ["a"]
    [kept] = await store.all()
    assert kept.until == pytest.approx(late.until, abs=0.01)


async def test_a_node_that_tells_nothing_is_forgotten(redis: RedisServer, prefix: str) -> None:
    """After four renewals; one that leaves, at once."""
    # A loaded machine takes its time between two questions.
    times = {**TIMES, "lease_ms": 1_000, "fence_ms": 750, "renew_ms": 250}
    async with Store(NodeSettings(redis_url=redis.url, prefix=prefix, **times)) as store:
        await store.beat(TWO, [], 0)
        assert (await store.beat(ONE, [], 0)).nodes == [ONE, TWO]
        await asyncio.sleep(1.1)
        assert (await store.beat(ONE, [], 0)).nodes == [ONE]
        await store.beat(TWO, [], 0)
        await store.leave(TWO)
        assert (await store.beat(ONE, [], 0)).nodes == [ONE]


async def test_redis_that_does_not_answer_is_down_in_time() -> None:
    """Killed, hanging, or back with nothing in it, when scripts have to be told again."""
    async with own_redis() as redis, Store(NodeSettings(redis_url=redis.url, prefix="t:", **TIMES)) as store:
        await store.beat(ONE, [], 0)
        redis.stop()
        began = time.monotonic()
        with pytest.raises(RedisDownError):
            await store.ping()
        assert time.monotonic() - began < 1
        redis.resume()
        redis.kill()
        with pytest.raises(RedisDownError):
            await store.owner("demo")
        await redis.start()
        assert (await store.beat(ONE, [], 0)).nodes == [ONE]


async def test_an_answer_that_came_too_late_is_not_taken_for_the_next_one() -> None:
    """Nor is a cancellation lost, at whichever moment it comes."""
    async with own_redis() as redis, Store(NodeSettings(redis_url=redis.url, prefix="t:", **PATIENT)) as store:
        await store.beat(ONE, [], 0)
        await store._redis.set("t:room:demo:lease", "1 two http://two:2")
        for turns in range(1, 12):
            asking = asyncio.create_task(store.ping())
            for _ in range(turns):
                await asyncio.sleep(0)
            if not asking.done():
                asking.cancel()
                await asyncio.wait([asking])
                assert asking.cancelled()
            assert await store.owner("demo") == Owner("1 two http://two:2")


async def test_a_redis_that_throws_keys_away_is_refused() -> None:
    """Bounded as ours is it is good; without a bound or a disk there is a warning."""
    bounded = ("--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru")
    async with own_redis(*bounded) as redis, Store(NodeSettings(redis_url=redis.url, **PATIENT)) as store:
        with pytest.raises(NodesError, match="noeviction"):
            await store.check()
        await store._redis.config_set("maxmemory-policy", "noeviction")
        assert "disk" in await store.check()
        await store._redis.config_set("maxmemory", 0)
        assert "no bound" in await store.check()


async def test_a_password_opens_it() -> None:
    """From the URL or from its own setting; without it nothing is done."""
    async with own_redis("--requirepass", "hush") as redis:
        with_it = redis.url.replace("redis://", "redis://:hush@")
        for settings in (
            NodeSettings(redis_url=with_it, **PATIENT),
            NodeSettings(redis_url=redis.url, redis_password="hush", **PATIENT),  # noqa: S106
        ):
            async with Store(settings) as store:
                await store.ping()
        async with Store(NodeSettings(redis_url=redis.url, **PATIENT)) as store:
            with pytest.raises(RedisDownError):
                await store.ping()
