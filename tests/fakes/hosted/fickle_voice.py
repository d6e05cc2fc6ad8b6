"""A synthesizer that hums, and fails when it is told to."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import ClassVar

from pipeline.engines.engine import EngineInfo
from pipeline.engines.synthesizer import SynthesisRequest
from tests.fakes.hosted import hummer
from tests.fakes.hosted.fickle import falter


class Engine(hummer.Engine):
    info: ClassVar[EngineInfo] = replace(hummer.Engine.info, name="fickle_voice", quality=99)
    languages: ClassVar[frozenset[str]] = frozenset({"en", "es"})

    async def synthesize(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        falter()
        async for pcm in super().synthesize(request):
            yield pcm
