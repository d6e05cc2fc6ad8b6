"""What no node knows alone: the rooms of all of them, and those that none has now."""

import asyncio
import time
from collections.abc import Collection

import aiohttp
from aiohttp import web

from signaling.hosting.room_state import RoomState
from signaling.nodes.proof import HEADER, Passed, prove, proven
from signaling.nodes.room_record import read_record
from signaling.nodes.store import Store
from signaling.nodes.tenancy import Tenancy

# Seconds in which another node has to have answered a question for the lists of its own.
_ANSWER_S = 2.0
# Rooms looked up in Redis by one question.
_BATCH = 200


class Roll:
    """Asks the other nodes, and Redis, on behalf of who asked one of them."""

    def __init__(self, http: aiohttp.ClientSession, store: Store, tenancy: Tenancy, key: bytes, own_id: str) -> None:
        self._http = http
        self._store = store
        self._tenancy = tenancy
        self._key = key
        self._own_id = own_id

    def is_asked_by_node(self, request: web.Request) -> bool:
        """Whether a request is another node's, which wants to hear of this one alone."""
        header = request.headers.get(HEADER, "")
        return proven(self._key, header, request.method, request.raw_path, time.time()) is not None

    async def ask(self, target: str) -> dict[str, bytes | None]:
        """Ask every other node to GET a path with its query. Gives each one's answer by its id; None: it gave none."""
        others = [node for node in self._tenancy.nodes if node.node_id != self._own_id]
        answers = await asyncio.gather(*(self._answer_of(node.url, target) for node in others))
        return {node.node_id: answer for node, answer in zip(others, answers, strict=True)}

    async def _answer_of(self, base: str, target: str) -> bytes | None:
        proof = prove(self._key, Passed(self._own_id, time.time(), ""), "GET", target)
        try:
            async with asyncio.timeout(_ANSWER_S), self._http.get(base + target, headers={HEADER: proof}) as response:
                return await response.read() if response.status == 200 else None
        except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
            return None

    async def kept(self, after: str, limit: int, *, but: Collection[str] = ()) -> list[RoomState]:
        """Give rooms that are remembered and have not ended, without those in `but`: the first ones behind `after`.

        Raises:
            RedisDownError: nobody knows.
        """
        room_ids = sorted(each for each in await self._store.remembered() if each > after and each not in but)
        found: list[RoomState] = []
        for at in range(0, len(room_ids), _BATCH):
            records = map(read_record, await self._store.records(room_ids[at : at + _BATCH]))
            states = (record.state for record in records if record is not None)
            found.extend(state for state in states if state is not None and not state.ended)
            if len(found) >= limit:
                break
        return found[:limit]
