"""DeepL, asked over its own protocol: a local server speaks it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestRefusedError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.options.deepl import DeepLOptions
from pipeline.engines.translator import TranslationRequest
from pipeline.engines.translators.deepl import Engine
from tests.pipeline.engines.deepl.service import KEY, Service, served
from tests.support.provider import Answer
from tests.support.until import until


@asynccontextmanager
async def asked(**options: Any) -> AsyncIterator[tuple[Engine, Service]]:
    async with served() as service, Engine(service.options(**options)) as engine:
        yield engine, service


def request(text: str = "good morning everybody", **other: Any) -> TranslationRequest:
    return TranslationRequest(**({"text": text, "source": "en", "target": "de"} | other))


def test_without_a_key_it_says_which_setting_is_missing() -> None:
    """And cannot be chosen."""
    with pytest.raises(EngineUnavailableError, match=r"api_key \(PARLEY_"):
        Engine()
    with pytest.raises(EngineUnavailableError, match="no address"):
        Engine(DeepLOptions(api_key=KEY, server_url="somewhere"))


def test_the_key_decides_between_the_free_and_the_paid_service() -> None:
    """And every pair of its languages is known before it is asked anything."""
    pairs = Engine(DeepLOptions(api_key=KEY)).pairs
    assert {("en", "th"), ("ja", "pt-BR"), ("zh", "en-GB")} <= pairs
    assert ("en", "en-GB") not in pairs


async def test_a_clause_goes_out_with_its_languages_context_and_formality() -> None:
    """As DeepL's fields, with the key in the header only."""
    async with asked() as (engine, service):
        before = ("We had a good year.", "Sales went up.")
        answer = await engine.translate(request(context=before, formality="less", source="en-GB", target="pt-BR"))
    assert answer == "doog gninrom ydobyreve"
    sent = service.requests[0]
    assert sent.headers["Authorization"] == f"DeepL-Auth-Key {KEY}"
    body = sent.json
    assert body["text"] == ["good morning everybody"]
    assert (body["source_lang"], body["target_lang"]) == ("EN", "PT-BR")
    assert body["context"] == "We had a good year. Sales went up."
    assert body["formality"] == "prefer_less"
    assert "glossary_id" not in body
    assert KEY not in sent.body.decode()


async def test_what_has_no_use_is_not_sent() -> None:
    """No formality where the language has none, and no empty context."""
    async with asked() as (engine, service):
        await engine.translate(request(target="sv", formality="more"))
    assert {"context", "formality", "glossary_id", "model_type"}.isdisjoint(service.asked[0])


async def test_a_new_language_is_asked_for_as_one() -> None:
    """DeepL wants to be told that we know; for the others it is not."""
    async with asked() as (engine, service):
        for target in ("hi", "de"):
            await engine.translate(request(target=target))
    assert [body.get("enable_beta_languages") for body in service.asked] == [True, None]


async def test_the_context_is_the_newest_part() -> None:
    """Of at most so many characters."""
    async with asked(context=10) as (engine, service):
        await engine.translate(request(context=("a" * 50, "the end")))
    assert service.asked[0]["context"] == "aa the end"


async def test_a_rooms_glossary_is_made_once_and_deleted_at_the_end() -> None:
    """By pair; and terms that DeepL would not take are put right or left out."""
    words = {"stand-up": "Morgen\trunde", "  ": "nichts", "void": " "}
    async with asked() as (engine, service):
        for target in ("de", "de", "fr"):
            await engine.translate(request(room_id="r", glossary=words, target=target))
        made = list(service.glossaries.values())
        used = [body["glossary_id"] for body in service.asked]
    assert [(each["source_lang"], each["target_lang"]) for each in made] == [("EN", "DE"), ("EN", "FR")]
    assert made[0]["entries"] == "stand-up\tMorgen runde"
    assert used == ["glossary-0", "glossary-0", "glossary-1"]
    assert not service.glossaries, "both were deleted"


async def test_the_longest_unused_glossary_is_deleted() -> None:
    """So that they do not pile up at DeepL."""
    async with asked(glossaries=2) as (engine, service):
        for room in ("a", "b", "a", "c"):
            await engine.translate(request(room_id=room, glossary={"hub": "Nabe"}))
        await until(lambda: len(service.glossaries) == 2)
        assert set(service.glossaries) == {"glossary-0", "glossary-2"}


@pytest.mark.parametrize("status", [400, 403, 456, 500])
async def test_a_clause_without_its_glossary_is_better_than_none(status: int) -> None:
    """Where DeepL does not take one."""
    async with asked() as (engine, service):
        service.on("POST", "/v2/glossaries", Answer(status=status, json={"message": "no"}))
        assert await engine.translate(request(glossary={"hub": "Nabe"}))
        assert "glossary_id" not in service.asked[0]


async def test_a_glossary_that_was_deleted_is_made_anew() -> None:
    """And the clause that found out is translated without."""
    async with asked() as (engine, service):
        await engine.translate(request(glossary={"hub": "Nabe"}))
        gone = Answer(status=404, json={"message": "Glossary not found"})
        service.on(
            "POST", "/v2/translate", gone, Answer(json={"translations": [{"text": "ja", "billed_characters": 1}]})
        )
        assert await engine.translate(request(glossary={"hub": "Nabe"})) == "ja"
        await engine.translate(request(glossary={"hub": "Nabe"}))
        assert [body.get("glossary_id") for body in service.asked] == ["glossary-0", "glossary-0", None, "glossary-1"]


FAULTS = [
    (Answer(status=401), EngineRefusedError),
    (Answer(status=403, json={"message": "Forbidden"}), EngineRefusedError),
    (Answer(status=402), EngineRefusedError),
    (Answer(status=456, json={"message": "Quota Exceeded"}), EngineRefusedError),
    (Answer(status=400, json={"message": "Value for 'target_lang' not supported."}), UnsupportedLanguageError),
    (Answer(status=400, json={"message": "bad"}), RequestRefusedError),
    (Answer(status=413), RequestTooLargeError),
    (Answer(status=429, headers={"Retry-After": "7"}), EngineBusyError),
    (Answer(status=503, headers={"Retry-After": "3"}), EngineBusyError),
    (Answer(status=529), EngineBusyError),
    (Answer(status=500), EngineError),
    (Answer(status=504), EngineTimeoutError),
    (Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}), EngineError),
    (Answer(fault="silent"), EngineTimeoutError),
    (Answer(json={"translations": []}, fault="half closed"), EngineError),
    (Answer(json={"translations": []}, fault="reset"), EngineError),
    (Answer(fault="garbage"), EngineError),
    (Answer(body=b"<html>hello</html>"), EngineError),
    (Answer(body=b"\xff\xfe"), EngineError),
    (Answer(json={"translations": []}), EngineError),
    (Answer(json={"translations": [{"text": 7, "billed_characters": 1}]}), EngineError),
    (Answer(json=[1, 2]), EngineError),
    (Answer(pieces=(b"{",) * 100, pause_s=0.05), EngineError),
]


@pytest.mark.parametrize(("answer", "error"), FAULTS, ids=[f"{a.status} {a.fault}{a.body!r}" for a, _ in FAULTS])
async def test_what_goes_wrong_is_told_by_its_class(answer: Answer, error: type[EngineError]) -> None:
    """After one try, within the time limit; and neither key nor text is in the message."""
    async with asked(timeout_s=0.4) as (engine, service):
        service.on("POST", "/v2/translate", answer)
        began = time.monotonic()
        with pytest.raises(error) as caught:
            await engine.translate(request("something private"))
        assert time.monotonic() - began < 1.0
        assert len(service.requests) == 1
        assert KEY not in str(caught.value)
        assert "private" not in str(caught.value)
        assert caught.value.retriable == error.retriable


@pytest.mark.parametrize("status", [429, 503])
async def test_it_says_how_long_deepl_wants_to_be_left_alone(status: int) -> None:
    """The package does not tell; we do."""
    async with asked() as (engine, service):
        service.on("POST", "/v2/translate", Answer(status=status, headers={"Retry-After": "7"}))
        with pytest.raises(EngineBusyError) as caught:
            await engine.translate(request())
        assert caught.value.retry_after_s == 7.0


async def test_nobody_there_is_an_error_that_may_pass() -> None:
    """A network comes back."""
    async with served() as service:
        options = service.options()
    async with Engine(options) as engine:
        with pytest.raises(EngineError, match="no connection to 127") as caught:
            await engine.translate(request())
        assert caught.value.retriable


async def test_one_more_than_may_be_under_way_is_told_so() -> None:
    """It waits as long as an answer may take, and then gives up."""
    async with asked(timeout_s=0.3, concurrency=1) as (engine, service):
        service.on("POST", "/v2/translate", Answer(pieces=(b"{",) * 20, pause_s=0.05))
        slow = asyncio.create_task(engine.translate(request()))
        await asyncio.sleep(0.05)
        slow.cancel()
        with pytest.raises(EngineError):
            await engine.translate(request())
        assert len(service.requests) <= 2
        await asyncio.wait([slow])


async def test_an_ended_engine_says_so() -> None:
    """And does not hang."""
    async with asked() as (engine, _):
        await engine.__aexit__(None, None, None)
        with pytest.raises(EngineError, match="ended"):
            await engine.translate(request())


async def test_the_same_language_is_never_sent() -> None:
    """Not even with another region."""
    async with asked() as (engine, service):
        with pytest.raises(UnsupportedLanguageError):
            await engine.translate(request(source="en-GB", target="en-US"))
        assert not service.requests
