"""Sarvam: live transcription of the languages of India by its realtime WebSocket."""

from typing import ClassVar, Self

from pipeline.engines.codes import tags
from pipeline.engines.engine import EngineInfo
from pipeline.engines.http.address import clean_key
from pipeline.engines.http.client import HttpClient
from pipeline.engines.live.switchboard import Switchboard
from pipeline.engines.live.utterance import LiveUtterance, Patience
from pipeline.engines.options.sarvam import SarvamOptions
from pipeline.engines.sarvam.listening import Listening
from pipeline.messages.language import AUTO


class Engine:
    """Hears by docs.sarvam.ai/api-reference/speech-to-text/transcribe/realtime/ws, one connection per utterance."""

    Options = SarvamOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="sarvam",
        stage="recognition",
        licence="Apache-2.0",
        model_licence="LicenseRef-Sarvam-Terms",
        where="network",
        streams=True,
        concurrency=20,
        quality=70,
    )

    def __init__(self, options: SarvamOptions = SarvamOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self.languages = tags("sarvam", options.codes) | {AUTO}
        patience = Patience(peek_s=options.peek_s, finish_s=options.finish_s)
        self._switchboard = Switchboard(_client(options), patience)

    @classmethod
    def check(cls, options: SarvamOptions = SarvamOptions()) -> None:  # noqa: B008 - it is frozen
        _client(options)

    async def __aenter__(self) -> Self:
        await self._switchboard.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._switchboard.__aexit__(*exc)

    async def open(
        self,
        language: str,
        speaker: str = "",  # noqa: ARG002 - it does not adapt
        hints: tuple[str, ...] = (),
    ) -> LiveUtterance:
        return self._switchboard.open(Listening(language, self._options, hints))


def _client(options: SarvamOptions) -> HttpClient:
    return HttpClient.to(options, {"api-subscription-key": clean_key(options.api_key, "sarvam")})
