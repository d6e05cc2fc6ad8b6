"""DeepL on loopback: as much of its protocol as we use.

developers.deepl.com/api-reference/translate: POST /v2/translate with `text` (a list), `source_lang`, `target_lang`,
`context`, `formality`, `glossary_id`; the answer has `translations` of `detected_source_language`, `text` and
`billed_characters`. developers.deepl.com/docs/api-reference/glossaries: POST and DELETE /v2/glossaries.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipeline.engines.options.deepl import DeepLOptions
from tests.support.provider import Answer, Provider, Request

KEY = "test-key-0000"


def translated(request: Request) -> Answer:
    """Translate: every word comes backwards."""
    texts = request.json["text"]
    translations = [
        {
            "detected_source_language": "EN",
            "text": " ".join(word[::-1] for word in text.split()),
            "billed_characters": len(text),
        }
        for text in texts
    ]
    return Answer(json={"translations": translations})


class Service(Provider):
    """A provider that makes, uses and deletes glossaries, and translates."""

    def __init__(self) -> None:
        super().__init__()
        self.glossaries: dict[str, dict[str, Any]] = {}
        self.on("POST", "/v2/translate", translated)
        self.on("POST", "/v2/glossaries", self._make)

    def options(self, **other: Any) -> DeepLOptions:
        """Give options that lead here."""
        ours: dict[str, Any] = {"api_key": KEY, "server_url": self.url, "timeout_s": 1.0}
        return DeepLOptions(**(ours | other))

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What was asked of /v2/translate."""
        return [request.json for request in self.requests if request.path == "/v2/translate"]

    def _make(self, request: Request) -> Answer:
        made = request.json
        glossary_id = f"glossary-{len(self.glossaries)}"
        self.glossaries[glossary_id] = made
        self.on("DELETE", f"/v2/glossaries/{glossary_id}", lambda _: self._delete(glossary_id))
        told = {key: made[key] for key in ("name", "source_lang", "target_lang")}
        counts = {"entry_count": 1, "creation_time": "2025-01-01T00:00:00.000000+00:00", "ready": True}
        return Answer(status=201, json={"glossary_id": glossary_id, **told, **counts})

    def _delete(self, glossary_id: str) -> Answer:
        del self.glossaries[glossary_id]
        return Answer(status=204)


@asynccontextmanager
async def served() -> AsyncIterator[Service]:
    """Run it."""
    async with Service() as service:
        yield service
