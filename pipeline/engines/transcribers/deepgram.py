"""Deepgram: live transcription by its WebSocket; words within half a second, those that are settled marked as such."""

from typing import ClassVar, Self

from pipeline.engines.codes import tags
from pipeline.engines.deepgram.listening import Listening
from pipeline.engines.engine import EngineInfo
from pipeline.engines.http.address import clean_key
from pipeline.engines.http.client import HttpClient
from pipeline.engines.live.switchboard import Switchboard
from pipeline.engines.live.utterance import LiveUtterance, Patience
from pipeline.engines.options.deepgram import DeepgramOptions
from pipeline.messages.language import AUTO


class Engine:
    """Hears by developers.deepgram.com/reference/speech-to-text/listen-streaming, one connection per utterance.

    `auto` is Deepgram's `multi`: ten languages, mixed as people mix them; the one with the most words is reported.
    """

    Options = DeepgramOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="deepgram",
        stage="recognition",
        licence="Apache-2.0",
        model_licence="LicenseRef-Deepgram-Terms",
        where="network",
        streams=True,
        concurrency=50,
        quality=80,
    )

    def __init__(self, options: DeepgramOptions = DeepgramOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self.languages = tags("deepgram", options.codes) | {AUTO}
        client = _client(options)
        patience = Patience(peek_s=options.peek_s, finish_s=options.finish_s)
        self._switchboard = Switchboard(client, patience)

    @classmethod
    def check(cls, options: DeepgramOptions = DeepgramOptions()) -> None:  # noqa: B008 - it is frozen
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


def _client(options: DeepgramOptions) -> HttpClient:
    key = clean_key(options.api_key, "deepgram")
    return HttpClient.to(options, {"Authorization": f"Token {key}"})
