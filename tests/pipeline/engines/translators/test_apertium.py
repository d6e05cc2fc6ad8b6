"""Apertium in process, compared with the program `apertium`."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from pipeline.engines.apertium.stream_format import plain, tidy
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.translator import TranslationRequest
from pipeline.engines.translators import apertium
from pipeline.engines.translators.apertium import Engine
from tests.support.recordings import Recording

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUTES = {
    ("en", "es"): ("eng-spa",),
    ("en", "ca"): ("eng-cat",),
    ("en", "fr"): ("eng-spa", "es-fr"),
    ("en", "pt"): ("eng-spa", "es-pt"),
    ("en", "pt-BR"): ("eng-spa", "es-pt_BR"),
    ("en", "it"): ("eng-spa", "spa-ita"),
    ("ca", "en"): ("cat-eng",),
    ("es", "en"): ("spa-eng",),
    ("fr", "en"): ("fr-es", "spa-eng"),
}
NASTY = "I’m 5$ ^rich^ [very] {so} \\ @home #1 *star qwertz a/b <b>x</b> “quoted” – yes... 3.50 % | ¿no?"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def used() -> AsyncIterator[Engine]:
    """Give one engine to several tests: what it translated before must not matter."""
    async with Engine() as engine:
        yield engine


@pytest_asyncio.fixture(loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    """Give one that has not translated anything yet."""
    async with Engine() as engine:
        yield engine


def by_program(text: str, modes: tuple[str, ...]) -> str:
    for mode in modes:
        done = subprocess.run(["apertium", "-u", mode], input=plain(text), capture_output=True, text=True, check=True)
        text = tidy(done.stdout)
    return text


@pytest.mark.parametrize("pair", ROUTES, ids=">".join)
async def test_the_output_is_that_of_the_program(
    used: Engine, pair: tuple[str, str], recordings: tuple[Recording, ...]
) -> None:
    """Word for word, direct or over a language in between, whatever was translated before."""
    source, target = pair
    texts = {
        "en": [*(recording.text for recording in recordings[:3]), NASTY, "i'm here and I am"],
        "es": ["La casa es grande, y el jardín también.", "Nos veremos mañana a las nueve."],
        "fr": ["La maison est grande.", "Nous allons au jardin demain matin."],
        "ca": ["La casa és gran.", "Ens veurem demà al jardí a les nou."],
    }[source]
    expected = await asyncio.gather(*(asyncio.to_thread(by_program, text, ROUTES[pair]) for text in texts))
    for _ in range(2):
        for text, translation in zip(texts, expected, strict=True):
            request = TranslationRequest(text=text, source=source, target=target)
            assert await used.translate(request) == translation


async def test_unknown_words_come_out_as_they_are(used: Engine) -> None:
    """Without the marks that the tools put on them."""
    request = TranslationRequest(text="the qwertzuiop is big", source="en", target="es")
    translation = await used.translate(request)
    assert "qwertzuiop" in translation
    assert not set("*#@") & set(translation)


async def test_what_is_needed_is_possible(engine: Engine) -> None:
    """English to Spanish and Catalan, and through Spanish to French, Portuguese and Italian."""
    assert set(ROUTES) <= engine.pairs


async def test_a_warm_pair_is_running(engine: Engine) -> None:
    """Both steps of it."""
    await engine.warm("en", "fr")
    assert [name for name, pipeline in engine._pipelines.items() if pipeline.running] == ["eng-spa", "es-fr"]


async def test_pipelines_are_few(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was used longest ago is ended for a new one."""
    monkeypatch.setattr(apertium, "PIPELINES", 2)
    for target in ("es", "ca", "fr"):
        await engine.translate(TranslationRequest(text="hello", source="en", target=target))
    assert list(engine._pipelines) == ["eng-spa", "es-fr"]


async def test_a_machine_without_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program, or any pair, may be missing."""
    monkeypatch.setenv("APERTIUM_DATADIR", "/nowhere")
    with pytest.raises(EngineUnavailableError, match="no language pair of Apertium is installed: apt-get install"):
        Engine()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(EngineUnavailableError, match="'apertium' is not installed: apt-get install"):
        Engine.check()
