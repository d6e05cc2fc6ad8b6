"""Rooms are taken, kept, given back and given up; and never is one served by two nodes."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace

import pytest

from signaling.nodes.errors import RedisDownError
from signaling.nodes.node import Node, Owner
from signaling.nodes.peers import Peers
from signaling.nodes.room_memory import RoomMemory
from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Barred, Store
from signaling.nodes.tenancy import Tenancy
from tests.signaling.nodes.standing import begin
from tests.support.redis_server import RedisServer
from tests.support.until import until

# Where a test depends on them it is a journey: side by side with others, a process may stand still for as long.
TIMES = NodeSettings(lease_ms=1_200, renew_ms=300, fence_ms=900, answer_ms=250, linger_s=0.2)
HASTY = NodeSettings(lease_ms=200, renew_ms=50, fence_ms=150, answer_ms=45, linger_s=60)
"""The shortest lease that is worth forcing losses on."""


class CutStore(Store):
    """A way to Redis that can be cut."""

    cut = False

    async def _asked(self, question):  # type: ignore[no-untyped-def]
        if self.cut:
            question.close() if hasattr(question, "close") else None
            await asyncio.sleep(0.01)
            raise RedisDownError(ConnectionError())
        return await super()._asked(question)


class NoMemory(RoomMemory):
    """Nothing outlives a node here."""

    def __init__(self) -> None:
        self.adopted: list[str] = []
        self.forgotten: list[str] = []
        self.let_gone: list[str] = []

    async def adopt(self, claim):  # type: ignore[no-untyped-def]
        self.adopted.append(claim.room_id)

    async def save(self, claims):  # type: ignore[no-untyped-def]
        """Nothing to write."""

    async def let_go(self, claim):  # type: ignore[no-untyped-def]
        self.let_gone.append(claim.room_id)

    def doubt(self, room_ids):  # type: ignore[no-untyped-def]
        """Nothing to write anew."""
        list(room_ids)

    def forget(self, room_id: str) -> None:
        self.forgotten.append(room_id)


class Others(Peers):
    """The other nodes of a test, asked without a network."""

    def __init__(self) -> None:
        self.stores: list[CutStore] = []

    async def reach_redis(self, own_id, nodes):  # type: ignore[no-untyped-def]
        for store in self.stores:
            with suppress(RedisDownError):
                await store.ping()
                return True
        return False


class Landlord:
    """One tenancy and what it did: when it served what, in monotonic seconds."""

    def __init__(self, name: str, store: CutStore, settings: NodeSettings) -> None:
        self.store = store
        self.memory = NoMemory()
        self.others = Others()
        self.open: set[str] = set()
        # Room -> when it was begun, while it is served; and what is over.
        self.since: dict[str, float] = {}
        self.served: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.lost = 0
        self.floor = 0
        self.node = Node(node_id=name, url=f"http://{name}:1")
        self.tenancy = Tenancy(
            store,
            settings,
            me=lambda: self.node,
            memory=self.memory,
            peers=self.others,
            evict=self._evict,
            is_open=lambda room_id: room_id in self.open,
            number=lambda: 5_000,
            raise_numbers=self._raise,
        )

    def _raise(self, floor: int) -> None:
        self.floor = floor

    async def _evict(self, room_id: str) -> None:
        self.lost += 1
        self.end(room_id)

    def end(self, room_id: str) -> None:
        if room_id in self.since:
            self.served[room_id].append((self.since.pop(room_id), time.monotonic()))
        self.open.discard(room_id)

    async def take(self, room_id: str) -> bool:
        """Try to have a room, and put people into it."""
        if room_id in self.since:
            return True
        with suppress(RedisDownError):
            if await self.tenancy.take(room_id) is None:
                self.since[room_id] = time.monotonic()
                self.open.add(room_id)
                return True
        return False

    async def get(self, room_id: str) -> None:
        """Try until it is ours."""
        while not await self.take(room_id):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


@asynccontextmanager
async def landlords(redis: RedisServer, prefix: str, times: NodeSettings, *names: str) -> AsyncIterator[list[Landlord]]:
    async with AsyncExitStack() as stack:
        found = []
        for name in names:
            settings = replace(times, redis_url=redis.url, prefix=prefix)
            store = await stack.enter_async_context(CutStore(settings))
            found.append(Landlord(name, store, settings))
        for each in found:
            each.others.stores = [other.store for other in found if other is not each]
            await stack.enter_async_context(each.tenancy.keeping())
        await until(lambda: all(len(each.tenancy.nodes) >= len(names) for each in found))
        await begin(redis, prefix)
        yield found
        for each in found:
            each.store.cut = False


async def test_a_room_has_one_landlord(redis: RedisServer, prefix: str) -> None:
    """The other one is told whose it is; given back, it is anybody's, and numbers go on above the first one's."""
    async with landlords(redis, prefix, TIMES, "one", "two") as (one, two):
        assert await one.tenancy.take("demo") is None
        assert await one.tenancy.take("demo") is None
        outcome = await two.tenancy.take("demo")
        assert isinstance(outcome, Owner)
        assert (outcome.node_id, outcome.url) == ("one", "http://one:1")
        assert (one.tenancy.serves("demo"), two.tenancy.serves("demo")) == (True, False)
        await until(lambda: not one.tenancy.serves("demo"))  # nobody used it
        assert one.memory.let_gone == ["demo"]
        await two.get("demo")
        assert two.floor >= 5_000
        assert (one.lost, two.lost) == (0, 0)


async def test_a_room_in_use_stays(redis: RedisServer, prefix: str) -> None:
    """By somebody in it, or by a request that is being answered."""
    async with landlords(redis, prefix, TIMES, "one") as (one,):
        assert await one.take("people")
        assert await one.tenancy.take("request") is None
        with one.tenancy.using("request"):
            await asyncio.sleep(0.9)
            assert (one.tenancy.serves("people"), one.tenancy.serves("request")) == (True, True)
        await until(lambda: not one.tenancy.serves("request"))
        assert one.tenancy.serves("people")


@pytest.mark.journey
async def test_who_is_cut_off_alone_gives_up_before_another_can_take_it(redis: RedisServer, prefix: str) -> None:
    """People are sent away within the fence; the other one has to wait for the lease."""
    async with landlords(redis, prefix, TIMES, "one", "two") as (one, two):
        assert await one.take("demo")
        one.store.cut = True
        began = time.monotonic()
        await until(lambda: one.lost == 1)
        assert time.monotonic() - began < TIMES.lease_ms / 1_000
        assert one.memory.forgotten == ["demo"]
        await two.get("demo")
        [(_, ended)] = one.served["demo"]
        assert ended < two.since["demo"]


@pytest.mark.journey
async def test_nothing_ends_while_redis_is_out_of_reach_for_all(redis: RedisServer, prefix: str) -> None:
    """Several leases long. Afterwards it is as if nothing had happened."""
    async with landlords(redis, prefix, TIMES, "one", "two") as (one, two):
        assert await one.take("demo")
        one.store.cut = two.store.cut = True
        await asyncio.sleep(2.5)
        assert one.tenancy.serves("demo")
        assert not one.tenancy.reached
        one.store.cut = two.store.cut = False
        for _ in range(40):
            assert not await two.take("demo")
            assert one.tenancy.serves("demo")
            await asyncio.sleep(0.02)
        assert one.tenancy.reached


@pytest.mark.journey
@pytest.mark.parametrize("fate", ["flushed", "stopped", "killed"])
async def test_redis_has_an_accident(redis: RedisServer, prefix: str, fate: str) -> None:
    """Whoever has a room keeps it, and nobody else gets it, neither meanwhile nor afterwards."""
    async with landlords(redis, prefix, TIMES, "one", "two") as (one, two):
        assert await one.take("demo")

        async def grab() -> None:
            while not await two.take("demo"):
                assert one.tenancy.serves("demo")
                await asyncio.sleep(0.01)

        grabbing = asyncio.create_task(grab())
        if fate == "flushed":
            redis.ask("FLUSHALL")
        elif fate == "stopped":
            redis.stop()
            await asyncio.sleep(2.0)
            redis.resume()
        else:
            redis.kill()
            await asyncio.sleep(1.5)
            await redis.start()
        await asyncio.sleep(TIMES.lease_ms / 1_000)
        assert not grabbing.done()
        grabbing.cancel()
        assert one.tenancy.serves("demo")
        await until(lambda: one.tenancy.reached and two.tenancy.reached)
        outcome = await two.tenancy.take("demo")
        assert isinstance(outcome, Owner)
        assert outcome.node_id == "one"


async def test_a_claim_whose_answer_got_lost_is_made_anew(redis: RedisServer, prefix: str) -> None:
    """The key names us, but we know nothing of it: neither do we serve it by it, nor is it in our way for long."""
    async with landlords(redis, prefix, TIMES, "one") as (one,):
        await one.store.claim("demo", one.node)
        outcome = await one.tenancy.take("demo")
        assert isinstance(outcome, Barred)
        assert not one.tenancy.serves("demo")
        assert await one.tenancy.take("demo") is None


async def test_leaving_gives_everything_back(redis: RedisServer, prefix: str) -> None:
    """At once, without waiting for a lease, and the node is no node any more."""
    async with landlords(redis, prefix, TIMES, "two") as (two,):
        async with landlords(redis, prefix, TIMES, "one") as (one,):
            one.others.stores = [two.store]
            assert await one.take("demo")
        assert await two.take("demo")
        await until(lambda: [node.node_id for node in two.tenancy.nodes] == ["two"])


@pytest.mark.journey
async def test_in_two_hundred_forced_losses_no_room_is_ever_on_two_nodes(redis: RedisServer, prefix: str) -> None:
    """Leases of 200 ms, 40 rooms, and two nodes that are cut off from Redis in turn, while both want every room."""
    rooms = [f"room{n}" for n in range(40)]
    async with landlords(redis, prefix, HASTY, "one", "two") as (one, two):

        async def want(landlord: Landlord) -> None:
            while True:
                for room_id in rooms:
                    await landlord.take(room_id)
                await asyncio.sleep(0.02)

        wanting = [asyncio.create_task(want(landlord)) for landlord in (one, two)]
        began = time.monotonic()
        while one.lost + two.lost < 200 and time.monotonic() - began < 40:
            for victim in (one, two):
                await until(lambda: len(one.since) + len(two.since) >= len(rooms) / 2, 20)
                victim.store.cut = True
                await until(lambda it=victim: not it.since, 5)  # type: ignore[misc]
                victim.store.cut = False
        for task in wanting:
            task.cancel()
        await asyncio.gather(*wanting, return_exceptions=True)
        for room_id in rooms:
            for landlord in (one, two):
                landlord.end(room_id)
    assert one.lost + two.lost >= 200
    for room_id in rooms:
        spans = sorted(one.served[room_id] + two.served[room_id])
        assert all(ended <= begun for (_, ended), (begun, _) in itertools.pairwise(spans)), room_id
