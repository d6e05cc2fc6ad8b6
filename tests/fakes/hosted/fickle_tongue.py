"""A translator that shouts, and fails when it is told to."""

from dataclasses import replace
from typing import ClassVar

from pipeline.engines.engine import EngineInfo
from pipeline.engines.translator import TranslationRequest
from tests.fakes.hosted import shouter
from tests.fakes.hosted.fickle import falter


class Engine(shouter.Engine):
    info: ClassVar[EngineInfo] = replace(shouter.Engine.info, name="fickle_tongue", quality=99)
    pairs: ClassVar[frozenset[tuple[str, str]]] = frozenset({("en", "es"), ("es", "en")})

    async def translate(self, request: TranslationRequest) -> str:
        falter()
        return await super().translate(request)
