"""An engine's process from the inside: start the engine, serve it, end it."""

import contextlib
import importlib
import socket
import sys
from typing import Any

import msgspec
import structlog

from pipeline.engines import frames
from pipeline.engines.channel import Channel
from pipeline.engines.engine import EngineError, EngineUnavailableError
from pipeline.engines.failure import failure
from pipeline.engines.frames import Asked, Ready
from pipeline.engines.imitation import imitates
from pipeline.engines.serving import Serving


async def host(sock: socket.socket, module: str, *, bit_rate: int) -> None:
    """Start the engine that `module` defines and serve it until the other side is gone."""
    channel: Channel[Asked] = await Channel.over(sock, Asked)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(channel.close)
        try:
            begin = await anext(aiter(channel), frames.Begin())
            engine = await stack.enter_async_context(_engine(module, begin))
        except EngineError as error:
            channel.send(failure(0, error))
            return
        except ImportError as error:
            missing = error.name or "a Python package"
            channel.send(failure(0, EngineUnavailableError(f"{missing} is not installed", f"install {missing}")))
            return
        nothing: frozenset[Any] = frozenset()
        languages, pairs = getattr(engine, "languages", nothing), getattr(engine, "pairs", nothing)
        channel.send(Ready(languages=languages, pairs=pairs, imitates=imitates(engine)))
        await Serving(engine, channel, bit_rate=bit_rate).run()


def _engine(module: str, begin: Asked) -> Any:
    made = importlib.import_module(module).Engine
    kind = getattr(made, "Options", None)
    if kind is None or not isinstance(begin, frames.Begin):
        return made()
    return made(msgspec.msgpack.decode(begin.options, type=kind))


def log_to_stderr() -> None:
    """Write one JSON line per event to stderr; the parent puts them into its own log."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
