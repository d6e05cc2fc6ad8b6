"""One Transcriber made of several: for each language the one that hears it."""

from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.engines.transcriber import Transcriber, Transcription
from tests.fakes.engines import ScriptedEngine, info


class Polyglot(ScriptedEngine):
    """Asks whoever hears the language. Their owners start and end them."""

    def __init__(self, *transcribers: Transcriber) -> None:
        self.info = info("recognition")
        self._transcribers = transcribers

    @property
    def languages(self) -> frozenset[str]:
        return frozenset[str]().union(*(transcriber.languages for transcriber in self._transcribers))

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Transcription:
        for transcriber in self._transcribers:
            if language in transcriber.languages:
                return await transcriber.open(language, speaker, hints)
        raise UnsupportedLanguageError(language)
