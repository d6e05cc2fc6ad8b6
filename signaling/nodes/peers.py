"""The other nodes, asked directly: whether they reach Redis when this one does not."""

import asyncio
import time
from collections.abc import Collection

import aiohttp
from aiohttp import web

from signaling.nodes.errors import RedisDownError
from signaling.nodes.node import Node
from signaling.nodes.proof import HEADER, Passed, prove, proven
from signaling.nodes.store import Store

WITNESS_PATH = "/nodes/witness"
"""Answers other nodes only: 204 if this one reaches Redis in this moment, else 503."""

# Nodes that are asked at once: one good answer is enough.
_ASKED = 8


class Peers:
    """Asks, and answers, under one key."""

    def __init__(self, http: aiohttp.ClientSession, store: Store, key: bytes, answer_s: float) -> None:
        self._http = http
        self._store = store
        self._key = key
        self._answer_s = answer_s

    async def reach_redis(self, own_id: str, nodes: Collection[Node]) -> bool:
        """Whether any other of these nodes reaches Redis. Takes no longer than one answer may."""
        others = [node for node in nodes if node.node_id != own_id][:_ASKED]
        questions = [asyncio.create_task(self._reaches(own_id, node), name="ask-node") for node in others]
        try:
            for question in asyncio.as_completed(questions):
                if await question:
                    return True
            return False
        finally:
            for task in questions:
                task.cancel()
            await asyncio.gather(*questions, return_exceptions=True)

    async def _reaches(self, own_id: str, node: Node) -> bool:
        proof = prove(self._key, Passed(own_id, time.time(), ""), "GET", WITNESS_PATH)
        try:
            async with (
                asyncio.timeout(self._answer_s),
                self._http.get(node.url + WITNESS_PATH, headers={HEADER: proof}) as response,
            ):
                return response.status == 204
        except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
            return False

    async def witness(self, request: web.Request) -> web.Response:
        """Answer another node's question. To anybody else there is no such page."""
        if proven(self._key, request.headers.get(HEADER, ""), "GET", WITNESS_PATH, time.time()) is None:
            raise web.HTTPNotFound(text="no such page")
        try:
            await self._store.ping()
        except RedisDownError:
            return web.Response(status=503)
        return web.Response(status=204)
