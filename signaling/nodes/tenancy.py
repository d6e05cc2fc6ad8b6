"""The rooms that this node has: taken, renewed, given back, and given up at once when they may be somebody else's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter, Gauge

from signaling.nodes.errors import RedisDownError
from signaling.nodes.lease import Claim, Leases
from signaling.nodes.node import Node, Owner
from signaling.nodes.peers import Peers
from signaling.nodes.room_memory import RoomMemory
from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Barred, Beat, Granted, Store

TAKEN = Counter("parley_node_rooms_taken_total", "Rooms that this node took")
LOST = Counter("parley_node_rooms_lost_total", "Rooms that were given up although people were in them", ["reason"])
REACHED = Gauge("parley_redis_up", "1 while Redis answers")

# Looks at the clock, and at what is to be written down, in one renewal period; and questions in it while Redis does not
# answer. What was said in the last of these is lost with a node.
_TICKS = 4

_log = structlog.get_logger(__name__)


class Tenancy:
    """Use it as `async with tenancy.keeping():`; within, leases are renewed, and rooms kept in mind.

    Two tasks matter for safety: one asks Redis, the other looks at the clock, whatever the first one waits for. A third
    one writes down what changed in the rooms, and gives back those that nobody uses.
    """

    def __init__(
        self,
        store: Store,
        settings: NodeSettings,
        *,
        me: Callable[[], Node],
        memory: RoomMemory,
        peers: Peers,
        evict: Callable[[str], Awaitable[None]],
        is_open: Callable[[str], bool],
        number: Callable[[], int] = lambda: 0,
        raise_numbers: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Take what it needs of the node.

        Args:
            store: Redis.
            settings: the times.
            me: what this node tells of itself.
            memory: what outlives it.
            peers: the other nodes.
            evict: sends everybody out of a room; must not raise.
            is_open: whether somebody is in a room.
            number: a sequence number not smaller than any given here so far.
            raise_numbers: lets all further ones be greater than this.
        """
        self._store = store
        self._settings = settings
        self._renew_s = settings.renew_ms / 1_000
        self._me = me
        self._memory = memory
        self._peers = peers
        self._evict = evict
        self._is_open = is_open
        self._number = number
        self._raise_numbers = raise_numbers
        self._now = asyncio.get_running_loop().time
        self.leases = Leases(
            fence_s=settings.fence_ms / 1_000, answer_s=settings.answer_ms / 1_000, stall_s=self._renew_s
        )
        # Every node heard of lately, this one included.
        self.nodes: list[Node] = []
        # Whether Redis answered last time.
        self.reached = True
        # Rooms that were taken over whole: what was kept of them is here.
        self._ready: set[str] = set()
        # Requests that are answered here now, by room.
        self._uses: dict[str, set[asyncio.Task[object]]] = {}
        # Since when nobody uses a room.
        self._idle: dict[str, float] = {}
        # Rooms whose people are being sent away.
        self._evicting: dict[str, asyncio.Task[None]] = {}
        # One question about a room at a time.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # Nothing is written down any more.
        self.frozen = False

    def serves(self, room_id: str) -> bool:
        """Whether this node may serve a room now."""
        return room_id in self._ready and self.leases.serves(room_id, self._now())

    @contextlib.contextmanager
    def using(self, room_id: str) -> Iterator[None]:
        """Keep a room while the block runs. If it is lost, the task that runs this is cancelled."""
        task: asyncio.Task[object] = asyncio.current_task()  # type: ignore[assignment]  # only tasks run this
        users = self._uses.setdefault(room_id, set())
        users.add(task)
        try:
            yield
        finally:
            users.discard(task)
            if not users:
                self._uses.pop(room_id, None)

    def users(self, room_id: str) -> set[asyncio.Task[object]]:
        """Give the requests that are answered in a room now."""
        return set(self._uses.get(room_id, ()))

    async def take(self, room_id: str) -> Owner | Barred | None:
        """Have a room: take it, unless it is ours already. Gives whose it is, or that nobody may take it; None: ours.

        Raises:
            RedisDownError: nobody knows.
        """
        lock = self._locks.setdefault(room_id, asyncio.Lock())
        async with lock:
            if self.serves(room_id):
                return None
            if (evicting := self._evicting.get(room_id)) is not None:
                await asyncio.wait([evicting])
            sent_at = self._now()
            outcome = await self._store.claim(room_id, self._me())
            if isinstance(outcome, Owner) and outcome.node_id == self._me().node_id:
                # We gave it up, or never heard that we got it: begin anew, with a claim of which all is known.
                if self.leases.claim_of(room_id) is None:
                    await self._store.release(Claim(room_id, outcome.value, outcome.generation), self._number())
                return Barred(0.0)
            if isinstance(outcome, Granted):
                await self._move_in(outcome, sent_at)
                return None
            return outcome

    async def _move_in(self, granted: Granted, sent_at: float) -> None:
        claim = granted.claim
        self.leases.taken(claim, sent_at)
        try:
            await self._memory.adopt(claim)
        except BaseException:
            self.leases.drop(claim)
            raise
        self._raise_numbers(granted.floor)
        self._ready.add(claim.room_id)
        TAKEN.inc()
        _log.info("room_taken", room_id=claim.room_id, generation=claim.generation)

    # Keeping.

    @contextlib.asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Renew while the block runs, then give everything back."""
        steps = (self._renew, self._look, self._remember)
        tasks = [asyncio.create_task(_again(step), name=f"tenancy-{step.__name__}") for step in steps]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, *self._evicting.values(), return_exceptions=True)
            await self._give_all_back()

    async def _renew(self) -> None:
        """Tell of oneself and renew everything, once."""
        sent_at = self._now()
        try:
            beat = await self._store.beat(self._me(), self.leases.claims(), self._number())
        except RedisDownError as error:
            self.leases.failed(sent_at, self._now())
            self._note(reached=False, error=type(error.cause).__name__)
            asked_at = self._now()
            if len(self.leases) and await self._peers.reach_redis(self._me().node_id, self.nodes):
                self.leases.witnessed(asked_at)
            await asyncio.sleep(self._renew_s / _TICKS)
            return
        self._note(reached=True)
        self._take_in(beat, sent_at)
        await asyncio.sleep(max(0.0, sent_at + self._renew_s - self._now()))

    def _take_in(self, beat: Beat, sent_at: float) -> None:
        self.leases.renewed(beat.kept, sent_at)
        self.nodes = beat.nodes
        self._memory.doubt(claim.room_id for claim in beat.made_anew)
        for claim in beat.lost:
            if self.leases.drop(claim):
                self._lose(claim, "taken")

    async def _look(self) -> None:
        """Give up what is over, once."""
        for claim in self.leases.tick(self._now()):
            self._lose(claim, "late")
        await asyncio.sleep(self._renew_s / _TICKS)

    def _lose(self, claim: Claim, reason: str) -> None:
        room_id = claim.room_id
        LOST.labels(reason).inc()
        _log.warning("room_lost", room_id=room_id, generation=claim.generation, reason=reason)
        self._ready.discard(room_id)
        self._idle.pop(room_id, None)
        evicting = asyncio.create_task(self._send_away(room_id), name="evict")
        self._evicting[room_id] = evicting
        evicting.add_done_callback(lambda _: self._evicting.pop(room_id, None))

    async def _send_away(self, room_id: str) -> None:
        try:
            await self._evict(room_id)
        finally:
            self._memory.forget(room_id)

    async def _remember(self) -> None:
        """Write down what changed, and give back what nobody uses, once."""
        await asyncio.sleep(self._renew_s / _TICKS)
        try:
            if not self.frozen:
                await self._memory.save(self._settled())
            for claim in self._settled():
                if self._is_unused(claim.room_id):
                    await self._give_back(claim)
        except RedisDownError:
            return  # what was not written is written later

    def _settled(self) -> list[Claim]:
        return [claim for claim in self.leases.claims() if claim.room_id in self._ready]

    def _is_unused(self, room_id: str) -> bool:
        if self._uses.get(room_id) or self._is_open(room_id):
            self._idle.pop(room_id, None)
            return False
        return self._now() - self._idle.setdefault(room_id, self._now()) >= self._settings.linger_s

    async def _give_back(self, claim: Claim) -> None:
        room_id = claim.room_id
        lock = self._locks.setdefault(room_id, asyncio.Lock())
        async with lock:
            if room_id not in self._ready or not self._is_unused(room_id):
                return
            self._ready.discard(room_id)
            try:
                if not self.frozen:
                    await self._memory.let_go(claim)
            except BaseException:
                self._ready.add(room_id)
                raise
            self._idle.pop(room_id, None)
            if self.leases.drop(claim):
                await self._store.release(claim, self._number())
                _log.info("room_given_back", room_id=room_id, generation=claim.generation)

    async def _give_all_back(self) -> None:
        """Let others have everything at once; what Redis does not hear of ends with its lease."""
        claims = self.leases.claims()
        self._ready.clear()
        for claim in claims:
            self.leases.drop(claim)
        with contextlib.suppress(RedisDownError):
            await self._store.leave(self._me())
            for claim in claims:
                await self._store.release(claim, self._number())

    def _note(self, *, reached: bool, error: str = "") -> None:
        if reached != self.reached:
            _log.warning("redis_reached" if reached else "redis_out_of_reach", rooms=len(self.leases), error=error)
        self.reached = reached
        REACHED.set(reached)


async def _again(step: Callable[[], Awaitable[None]]) -> None:
    """Do a step again and again. A fault boundary: one that breaks is logged, and tried again a little later."""
    while True:
        try:
            await step()
        except Exception:
            _log.exception("tenancy_failed", step=getattr(step, "__name__", ""))
            await asyncio.sleep(0.1)
