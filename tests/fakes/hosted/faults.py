"""What a request can make an engine's process do."""

import asyncio
import os
import time

from pipeline.engines.engine import EngineBusyError, EngineUnavailableError


async def obey(text: str) -> None:
    """Do what the text says; nothing for any other text."""
    match text:
        case "die":
            os._exit(3)
        case "hang":
            time.sleep(600)  # noqa: ASYNC251 - it is to hold the loop of its process
        case "wait":
            await asyncio.sleep(600)
        case "busy":
            raise EngineBusyError("all seats are taken")
        case "missing":
            raise EngineUnavailableError("the dictionary is gone", "buy a new one")
        case "secret":
            raise ValueError(text)
