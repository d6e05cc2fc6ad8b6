"""A translator of which something can be set."""

from dataclasses import dataclass
from typing import ClassVar, Self

from pipeline.engines.engine import EngineInfo
from pipeline.engines.translator import TranslationRequest
from tests.fakes.engines import info


@dataclass(frozen=True)
class TunedOptions:
    """What can be set about it."""

    source: str = "en"
    api_key: str = ""


class Engine:
    """Translates from the language that is set, with the key that is set."""

    info: ClassVar[EngineInfo] = info("translation")
    Options = TunedOptions

    def __init__(self, options: TunedOptions | None = None) -> None:
        self._options = options or TunedOptions()
        self.pairs = frozenset({(self._options.source, "es")})

    @classmethod
    def check(cls, options: TunedOptions | None = None) -> None:
        """Find nothing missing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def translate(self, request: TranslationRequest) -> str:
        return f"{request.text} {self._options.api_key}"
