"""A translator that shouts what it is told, unless it is told one of the faults."""

import asyncio
import os
from typing import ClassVar, Self

from pipeline.engines.engine import EngineInfo
from pipeline.engines.translator import TranslationRequest
from tests.fakes.hosted.faults import obey


class Engine:
    info: ClassVar[EngineInfo] = EngineInfo("shouter", "translation", "MIT", "MIT", "in process", False, 8)
    pairs: ClassVar[frozenset[tuple[str, str]]] = frozenset({("en", "es"), ("en", "fr")})

    def __init__(self) -> None:
        self.warmed: set[str] = set()
        self.cancelled = 0

    @classmethod
    def check(cls) -> None:
        """Find nothing missing."""

    async def __aenter__(self) -> Self:
        print("shouter is here", flush=True)  # noqa: T201 - engines print what they like
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def warm(self, source: str, target: str) -> None:
        self.warmed.add(f"{source}>{target}")

    async def translate(self, request: TranslationRequest) -> str:
        answers = {
            "who": str(os.getpid()),
            "nice": str(os.nice(0)),
            "offline": os.environ.get("HF_HUB_OFFLINE", ""),
            "session": str(os.getsid(0)),
            "warmed": " ".join(self.warmed),
            "cancelled": str(self.cancelled),
        }
        try:
            await obey(request.text)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return answers.get(request.text, request.text.upper())
