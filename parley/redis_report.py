"""What the doctor says of the Redis that nodes share."""

import asyncio
from collections.abc import Iterator

from parley.finding import Finding
from parley.settings import Settings

NAME = "Redis"
SET_UP = "start it with infra/redis/redis.conf, or correct signaling.nodes.redis_url"


def redis(settings: Settings) -> Iterator[Finding]:
    """Ask it how it is set up. Without one there is one node, and nothing to tell."""
    if not settings.signaling.nodes.redis_url:
        return
    # Not before it is wanted: one node needs no Redis library.
    from signaling.nodes.errors import NodesError, RedisDownError
    from signaling.nodes.store import Store

    async def ask() -> str:
        async with Store(settings.signaling.nodes) as store:
            return await store.check()

    try:
        warning = asyncio.run(ask())
    except (NodesError, RedisDownError) as error:
        yield Finding(NAME, "missing", str(error), SET_UP)
        return
    if warning:
        yield Finding(NAME, "warn", warning, "start it with infra/redis/redis.conf")
    else:
        yield Finding(NAME, "ok", "there, bounded, and throws nothing away")
