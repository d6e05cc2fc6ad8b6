"""DeepL: translation over the network, by the official `deepl` package.

developers.deepl.com/api-reference/translate: `text`, `source_lang`, `target_lang`, `context`, `formality`,
`glossary_id`, `model_type`.
"""

import asyncio
import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from urllib.parse import urlsplit

from pipeline.engines import codes
from pipeline.engines.deepl.formality import formality_of
from pipeline.engines.deepl.glossaries import Glossaries, Words
from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineInfo,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.http.status import REMEDIES
from pipeline.engines.options.deepl import DeepLOptions
from pipeline.engines.plain_text import LONGEST_TEXT, plain
from pipeline.engines.translator import TranslationRequest
from pipeline.messages.language import hears

if TYPE_CHECKING:
    import deepl

    from pipeline.engines.deepl.one_try import OneTry

KEY_REMEDY = "set engines.deepl.api_key (PARLEY_ENGINES__DEEPL__API_KEY, or ..._FILE)"

BETA = frozenset({"HI"})
"""Languages of our table that DeepL gives only to those who say that they know it is new
(developers.deepl.com/docs/learning-how-tos/examples-and-guides/enable-beta-languages)."""
DEFAULTS = DeepLOptions()

Result = TypeVar("Result")


class Engine:
    """Asks DeepL, once for each clause, with the clauses before it and the room's glossary.

    The package blocks; each request has a thread. A room's glossary is made at DeepL with its first clause.
    """

    Options = DeepLOptions

    info: ClassVar[EngineInfo] = EngineInfo(
        name="deepl",
        stage="translation",
        licence="MIT",
        model_licence="LicenseRef-DeepL-API-terms",
        where="network",
        streams=False,
        concurrency=8,
        quality=80,
    )

    def __init__(self, options: DeepLOptions = DEFAULTS) -> None:
        self.check(options)
        self._options = options
        sources = codes.tags("deepl-source", options.codes)
        targets = codes.tags("deepl", options.codes)
        self.pairs = frozenset(
            (source, target) for source in sources for target in targets if not hears(target, source)
        )
        self._threads: ThreadPoolExecutor | None = None
        self._free = asyncio.Semaphore(options.concurrency)

    @classmethod
    def check(cls, options: DeepLOptions = DEFAULTS) -> None:
        if importlib.util.find_spec("deepl") is None:
            raise EngineUnavailableError("deepl is not installed", "install deepl")
        if not options.api_key.strip():
            raise EngineUnavailableError("there is no key for DeepL", KEY_REMEDY)
        if options.server_url and urlsplit(options.server_url).scheme not in ("http", "https"):
            raise EngineUnavailableError("server_url of deepl is no address", "set it to https://HOST, or to nothing")

    async def __aenter__(self) -> Self:
        options = self._options
        self._threads = ThreadPoolExecutor(options.concurrency, thread_name_prefix="deepl")
        self._client, self._try = await asyncio.to_thread(_client, options)
        self._host = urlsplit(self._client.server_url).hostname or ""
        self._glossaries = Glossaries(self._make_glossary, self._delete_glossary, size=options.glossaries)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._threads is None:
            return
        threads, self._threads = self._threads, None
        await self._glossaries.close()
        await asyncio.to_thread(self._client.close)
        # Requests under way end by themselves, within their time limit.
        threads.shutdown(wait=False, cancel_futures=True)

    async def translate(self, request: TranslationRequest) -> str:
        if hears(request.target, request.source):
            raise UnsupportedLanguageError("nobody needs a translation into the language spoken")
        source = codes.code("deepl-source", request.source, self._options.codes)
        target = codes.code("deepl", request.target, self._options.codes)
        text = plain(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        if not text:
            return ""
        words = Words.of(request.room_id, source, target, request.glossary)
        asked: dict[str, Any] = {
            "source_lang": source,
            "target_lang": target,
            "context": self._context(request),
            "formality": formality_of(request.formality, target),
            "model_type": self._options.model_type or None,
        }
        if BETA & {source, target}:
            asked["extra_body_parameters"] = {"enable_beta_languages": True}
        glossary = asked["glossary"] = await self._glossary(words)
        try:
            return plain(await self._answer(text, asked))
        except EngineRefusedError as error:
            if glossary is None or error.remedy != REMEDIES[404]:
                raise
        # Somebody deleted the glossary.
        self._glossaries.forget(words)
        return plain(await self._answer(text, asked | {"glossary": None}))

    async def _glossary(self, words: Words) -> str | None:
        """Give the glossary for a clause; None if there is none in time. It is there for the next one then."""
        try:
            async with asyncio.timeout(self._options.timeout_s / 2):
                return await self._glossaries.id_of(words)
        except TimeoutError:
            return None

    async def _answer(self, text: str, asked: dict[str, Any]) -> str:
        def ask() -> str:
            answer = self._client.translate_text(text, **asked)
            if isinstance(answer, list) or not isinstance(answer.text, str):
                raise EngineError(f"{self._host} answered something that is no translation")
            return answer.text

        return await self._in_thread(ask)

    def _context(self, request: TranslationRequest) -> str | None:
        context = plain(" ".join(request.context))
        return context[-self._options.context :] or None if self._options.context else None

    async def _in_thread(self, ask: Callable[[], Result]) -> Result:
        """Ask in a thread of ours; the thread is taken until the package is done, also where nobody waits any more."""
        threads = self._threads
        if threads is None:
            raise EngineError("the engine has ended")
        try:
            async with asyncio.timeout(self._options.timeout_s):
                await self._free.acquire()
        except TimeoutError:
            raise EngineBusyError(f"{self._options.concurrency} requests to {self._host} are under way") from None
        asking = asyncio.get_running_loop().run_in_executor(threads, self._mapped, ask)
        asking.add_done_callback(lambda _: self._free.release())
        try:
            async with asyncio.timeout(self._options.timeout_s + 0.2):
                return await asyncio.shield(asking)
        except TimeoutError:
            raise EngineTimeoutError(f"{self._host} did not answer in time") from None
        finally:
            if not asking.done():
                asking.add_done_callback(_look)

    def _mapped(self, ask: Callable[[], Result]) -> Result:
        from pipeline.engines.deepl.errors import engine_error

        try:
            return ask()
        except EngineError:
            raise
        except Exception as error:  # the package does not name all that it raises
            raise engine_error(error, self._host, self._try.retry_after_s) from None

    def _make_glossary(self, words: Words) -> str:
        def make() -> str:
            made = self._client.create_glossary(words.name, words.source, words.target, dict(words.terms))
            return made.glossary_id

        return self._mapped(make)

    def _delete_glossary(self, glossary_id: str) -> None:
        self._mapped(lambda: self._client.delete_glossary(glossary_id))


def _look(asking: "asyncio.Future[Any]") -> None:
    """Take note of what came too late, so that it is not reported as lost."""
    if not asking.cancelled():
        asking.exception()


def _client(options: DeepLOptions) -> "tuple[deepl.DeepLClient, OneTry]":
    """Make the package's client. It is imported here, since that takes a moment."""
    import deepl

    from pipeline.engines.deepl.one_try import OneTry

    client = deepl.DeepLClient(options.api_key.strip(), server_url=options.server_url or None, send_platform_info=False)
    client.set_app_info("parley", "1")
    one_try = OneTry(
        timeout_s=options.timeout_s, connect_s=options.connect_s, proxy=options.proxy, threads=options.concurrency
    )
    # The package has no other way to another HTTP client; the tests look whether this one holds.
    client._client = one_try
    return client, one_try
