"""The thin shell around Redis: one question each, answered in time or not at all."""

import asyncio
import hashlib
from collections.abc import Awaitable, Iterable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from signaling.identity.revocations import Revocation
from signaling.nodes import scripts
from signaling.nodes.errors import NodesError, RedisDownError
from signaling.nodes.lease import Claim
from signaling.nodes.node import Node, Owner
from signaling.nodes.settings import NodeSettings

FAILURES = Counter("parley_redis_failures_total", "Questions to Redis that were not answered well", ["error"])

# Renewal periods after which a node that tells nothing of itself is no node any more.
_KNOWN_FOR = 4
# Rooms that are renewed by one question: a script of 1,000 rooms takes Redis some milliseconds.
_BATCH = 500

_nodes = msgspec.json.Decoder(Node)
_encode = msgspec.json.encode


class Granted(NamedTuple):
    """A room is ours."""

    claim: Claim
    # No sequence number of the room's earlier owners is greater than this.
    floor: int


class Barred(NamedTuple):
    """Nobody may take a room yet: there was an outage."""

    wait_s: float


class Beat(NamedTuple):
    """What came of telling of oneself and renewing everything."""

    nodes: list[Node]
    kept: list[Claim]
    # A part of `kept`: their leases had gone, and with them, perhaps, what else Redis knew of the rooms.
    made_anew: list[Claim]
    lost: list[Claim]


class Kept(NamedTuple):
    """What Redis remembers of a room, as `Store.save` was given it."""

    record: bytes | None
    captions: list[bytes]


class Change(NamedTuple):
    """What is to be remembered of a room, where it is another than before."""

    # What is said of the room; None: as before. With `drop`, nothing any more.
    record: bytes | None = None
    drop: bool = False
    # Captions that are new, oldest first; with `clear`, those before are forgotten.
    captions: Sequence[bytes] = ()
    clear: bool = False


class Store:
    """Use it as `async with Store(settings) as store`. Every question raises RedisDownError if it is not answered."""

    def __init__(self, settings: NodeSettings) -> None:
        self._settings = settings
        self._answer_s = settings.answer_ms / 1_000
        more: dict[str, Any] = {"password": settings.redis_password} if settings.redis_password else {}
        self._redis: Any = Redis.from_url(
            settings.redis_url,
            # A password in the URL wins.
            **more,
            # The time is kept in `_asked`: with a timeout of its own redis-py (8.1, Python 3.11) loses cancellations.
            socket_timeout=None,
            socket_connect_timeout=None,
            # A question that may have been heard is not asked again behind our back.
            retry=Retry(NoBackoff(), 0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout(self._answer_s):
                await self._redis.aclose()
        except (RedisError, OSError):  # it is gone anyway; TimeoutError is an OSError
            pass

    async def ping(self) -> None:
        """See whether Redis answers."""
        await self._asked(self._redis.ping())

    async def check(self) -> str:
        """Look at how Redis is set up, as far as it tells. Gives a warning, or nothing.

        Raises:
            NodesError: it throws keys away when it is full; a lease that is thrown away would be a room on two nodes.
        """
        try:
            async with asyncio.timeout(self._answer_s):
                told = await self._redis.config_get("maxmemory*", "appendonly")
        except ResponseError:
            return ""  # hosted ones do not tell
        except (RedisError, OSError) as error:
            raise RedisDownError(error) from error
        policy, memory = _text(told.get("maxmemory-policy", "")), _text(told.get("maxmemory", "0"))
        if policy and policy != "noeviction" and memory != "0":
            raise NodesError(
                f"Redis throws keys away when it is full (maxmemory-policy {policy}): a lease that is thrown away puts "
                "a room on two nodes. Set maxmemory-policy noeviction, as infra/redis/redis.conf does"
            )
        if memory == "0":
            return "its memory has no bound: set maxmemory, as infra/redis/redis.conf does"
        return "" if _text(told.get("appendonly", "yes")) == "yes" else "it keeps nothing on disk: set appendonly yes"

    # Leases.

    async def claim(self, room_id: str, node: Node) -> Granted | Owner | Barred:
        """Try to take a room."""
        settings = self._settings
        keys = [*self._clock_keys, *self._lease_keys(room_id)]
        args = [f"{node.node_id} {node.url}", settings.lease_ms, settings.gap_ms, self._floor_life_ms]
        outcome, *rest = await self._run(scripts.CLAIM, keys, args)
        if outcome == b"held":
            return Owner(_text(rest[0]))
        if outcome == b"barred":
            return Barred(int(rest[0]) / 1_000)
        value, generation, floor = map(_text, rest)
        return Granted(Claim(room_id, value, int(generation)), int(floor))

    async def owner(self, room_id: str) -> Owner | None:
        """Say whose a room is."""
        value = await self._asked(self._redis.get(self._lease_keys(room_id)[0]))
        return None if value is None else Owner(_text(value))

    async def beat(self, node: Node, claims: Sequence[Claim], number: int) -> Beat:
        """Tell of oneself, renew all claims, and hear of the other nodes.

        Args:
            node: oneself.
            claims: what is to be renewed.
            number: a sequence number not smaller than any that was given so far.
        """
        beat = await self._beat_some(node, claims[:_BATCH], number)
        for at in range(_BATCH, len(claims), _BATCH):
            more = await self._beat_some(node, claims[at : at + _BATCH], number)
            beat = Beat(more.nodes, beat.kept + more.kept, beat.made_anew + more.made_anew, beat.lost + more.lost)
        return beat

    async def _beat_some(self, node: Node, claims: Sequence[Claim], number: int) -> Beat:
        settings = self._settings
        keys = [*self._clock_keys, self._key("nodes")]
        args: list[Any] = [node.node_id, _encode(node), settings.lease_ms, settings.gap_ms]
        args += [settings.renew_ms * _KNOWN_FOR, number, self._floor_life_ms]
        for claim in claims:
            keys += self._lease_keys(claim.room_id)
            args += [claim.value, claim.generation]
        records, outcomes = await self._run(scripts.BEAT, keys, args)
        by_outcome: dict[int, list[Claim]] = {0: [], 1: [], 2: []}
        for claim, outcome in zip(claims, outcomes, strict=True):
            by_outcome[int(outcome)].append(claim)
        return Beat(_read(records), by_outcome[1] + by_outcome[2], by_outcome[2], by_outcome[0])

    async def release(self, claim: Claim, number: int) -> bool:
        """Give a room back, with a sequence number as for `beat`. False if it was not ours any more."""
        lease, _, floor = self._lease_keys(claim.room_id)
        return bool(await self._run(scripts.RELEASE, [lease, floor], [claim.value, number, self._floor_life_ms]))

    async def leave(self, node: Node) -> None:
        """Be no node any more."""
        await self._asked(self._redis.hdel(self._key("nodes"), node.node_id))

    # What is remembered of rooms.

    async def load(self, room_id: str) -> Kept:
        """Give what is remembered of a room."""
        state, captions = self._memory_keys(room_id)
        pipeline = self._redis.pipeline(transaction=False).get(state).lrange(captions, 0, -1)
        found = await self._asked(pipeline.execute())
        return Kept(*found)

    async def remembered(self) -> set[str]:
        """Name all rooms of which something is said, whoever has them. Looks at every key, a thousand at a time."""
        before, behind = self._memory_keys("*")[0].split("*")
        found: set[str] = set()
        cursor = 0
        while True:
            cursor, keys = await self._asked(self._redis.scan(cursor, match=f"{before}*{behind}", count=1_000))
            found.update(_text(key)[len(before) : -len(behind)] for key in keys)
            if not cursor:
                return found

    async def records(self, room_ids: Sequence[str]) -> list[bytes]:
        """Give what is said of these rooms, of those of which something still is."""
        found = await self._asked(self._redis.mget([self._memory_keys(room_id)[0] for room_id in room_ids]))
        return [record for record in found if record is not None]

    async def save(self, claim: Claim, change: Change, *, most: int, life_s: int) -> bool:
        """Remember a room for `life_s` from now on. False, changing nothing, if it is not ours any more.

        Args:
            claim: of the room.
            change: what is another than before.
            most: captions that are remembered, the last ones.
            life_s: in seconds.
        """
        keys = [self._lease_keys(claim.room_id)[0], *self._memory_keys(claim.room_id)]
        what = "drop" if change.drop else "keep" if change.record is None else "set"
        captions = "clear" if change.clear else "keep"
        args = [claim.value, life_s * 1_000, what, change.record or b"", most, captions, *change.captions]
        return bool(await self._run(scripts.SAVE, keys, args))

    # Revocations: `signaling.identity.revocations.RevocationStore`.

    async def add(self, revocation: Revocation) -> None:
        """Keep a revocation for all nodes."""
        await self._run(scripts.REVOKE, [self._key("revoked")], [revocation.token_id, revocation.until])

    async def all(self) -> Iterable[Revocation]:
        """Give all revocations that are kept."""
        found = await self._asked(self._redis.zrange(self._key("revoked"), 0, -1, withscores=True))
        return [Revocation(_text(token_id), float(until)) for token_id, until in found]

    # Asking.

    @property
    def _floor_life_ms(self) -> int:
        return self._settings.state_lifetime_s * 1_000

    @property
    def _clock_keys(self) -> list[str]:
        return [self._key("pulse"), self._key("epoch")]

    def _lease_keys(self, room_id: str) -> list[str]:
        return [self._key(f"room:{room_id}:{what}") for what in ("lease", "generation", "floor")]

    def _memory_keys(self, room_id: str) -> list[str]:
        return [self._key(f"room:{room_id}:{what}") for what in ("state", "captions")]

    def _key(self, name: str) -> str:
        return self._settings.prefix + name

    async def _run(self, script: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
        words = (len(keys), *keys, *args)
        try:
            return await self._asked(self._redis.execute_command("EVALSHA", _sha(script), *words))
        except NoScriptError:  # it was restarted, or never heard of it
            return await self._asked(self._redis.execute_command("EVAL", script, *words))

    async def _asked(self, question: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(self._answer_s):
                return await question
        except NoScriptError:
            raise
        except (RedisError, OSError) as error:
            FAILURES.labels(type(error).__name__).inc()
            raise RedisDownError(error) from error


def _read(records: Iterable[bytes]) -> list[Node]:
    nodes = []
    for record in records:
        try:
            nodes.append(_nodes.decode(record))
        except msgspec.DecodeError:  # of another version
            continue
    return sorted(nodes, key=lambda node: node.node_id)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _sha(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
