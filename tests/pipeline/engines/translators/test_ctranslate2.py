"""CTranslate2's models: real loading, pieces, batching and decoding, with small random weights."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.engine import EngineError, EngineUnavailableError, RequestTooLargeError, UnsupportedLanguageError
from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.engines.translator import TranslationRequest
from pipeline.engines.translators.ctranslate2 import Engine
from tests.support.translation_model import write_m2m100, write_madlad, write_nllb, write_opus


def options(*folders: Path, **other: Any) -> CTranslate2Options:
    own: dict[str, Any] = {"device": "cpu", "compute_type": "float32", "threads": 1}
    return CTranslate2Options(models=tuple(map(str, folders)), **(own | other))


def request(text: str = "the house is big", source: str = "en", target: str = "es") -> TranslationRequest:
    return TranslationRequest(text=text, source=source, target=target)


def test_without_models_it_says_how_to_get_one(tmp_path: Path) -> None:
    """And a folder that does not exist is named."""
    with pytest.raises(EngineUnavailableError, match="parley models pull"):
        Engine(CTranslate2Options(models_dir=str(tmp_path)))
    with pytest.raises(EngineUnavailableError, match="nowhere"):
        Engine(CTranslate2Options(models=(str(tmp_path / "nowhere"),)))


def test_models_are_found_in_the_folder_of_all_models(tmp_path: Path) -> None:
    """Also under the catalogue's names."""
    write_m2m100(tmp_path / "mine")
    assert ("en", "de") in Engine(CTranslate2Options(models_dir=str(tmp_path))).pairs


@pytest.mark.parametrize("write", [write_nllb, write_m2m100, write_madlad], ids=lambda write: write.__name__)
async def test_models_of_many_languages_translate_each_pair(tmp_path: Path, write: Any) -> None:
    """And into each language differently: they are told which."""
    async with Engine(options(write(tmp_path / "model"))) as engine:
        assert len(engine.pairs) == 6
        said = {pair: await engine.translate(request("good morning", *pair)) for pair in sorted(engine.pairs)}
        assert all(said.values())
        targets = sorted({target for source, target in engine.pairs if source == "en"})
        assert said["en", targets[0]] != said["en", targets[1]]
        assert not any(mark in text for text in said.values() for mark in ("_", "<", ">"))


@pytest.mark.parametrize("adds_end", [False, True])
async def test_an_opus_model_translates_its_pair(tmp_path: Path, adds_end: bool) -> None:
    """Whoever adds the end of the sentence: the weights are the same, and so is the translation."""
    folder = write_opus(tmp_path / "opus-mt-en-es", adds_end=adds_end)
    async with Engine(options(folder)) as engine:
        assert engine.pairs == {("en", "es")}
        text = await engine.translate(request())
        assert text
    async with Engine(options(write_opus(tmp_path / "again" / "opus-mt-en-es"))) as engine:
        # The weights never come to an end, and the bound is one token longer where the end is ours.
        assert (await engine.translate(request())).startswith(text)


async def test_two_models_make_a_pair_that_none_of_them_has(tmp_path: Path) -> None:
    """What the first one says is translated by the second."""
    first = write_opus(tmp_path / "opus-mt-de-en", seed=1)
    second = write_opus(tmp_path / "opus-mt-en-es", seed=2)
    async with Engine(options(first, second)) as engine:
        assert engine.pairs == {("de", "en"), ("en", "es"), ("de", "es")}
        middle = await engine.translate(request(source="de", target="en"))
        assert await engine.translate(request(source="de")) == await engine.translate(request(middle))


async def test_a_group_model_is_told_its_target(tmp_path: Path) -> None:
    """By a token of its own."""
    folder = write_opus(tmp_path / "opus-mt-en-ROMANCE", targets=(">>spa<<", ">>fra<<"))
    async with Engine(options(folder)) as engine:
        spanish, french = [await engine.translate(request(target=target)) for target in ("es", "fr")]
        assert spanish != french


async def test_clauses_of_many_speakers_are_one_batch_and_the_same_as_alone(tmp_path: Path) -> None:
    """The weights are random, so the answers differ for every text."""
    texts = ["good morning", "the house is big", "we will meet tomorrow", "thank you very much", "a b c", "nine"]
    async with Engine(options(write_nllb(tmp_path / "nllb"))) as engine:
        alone = [await engine.translate(request(text)) for text in texts]
        assert await asyncio.gather(*(engine.translate(request(text)) for text in texts)) == alone
        assert len(set(alone)) == len(texts)


async def test_only_so_many_models_are_kept(tmp_path: Path) -> None:
    """The longest unused makes room, and comes back when it is asked for."""
    folders = [
        write_opus(tmp_path / f"opus-mt-en-{target}", seed=seed) for seed, target in enumerate(("es", "fr", "de"))
    ]
    async with Engine(options(*folders, loaded=1)) as engine:
        first = await engine.translate(request(target="es"))
        assert await engine.translate(request(target="fr"))
        await engine.warm("en", "de")
        assert await engine.translate(request(target="es")) == first


async def test_a_model_that_cannot_be_loaded_says_which(tmp_path: Path) -> None:
    """And the engine does not start with it."""
    folder = write_opus(tmp_path / "opus-mt-en-es")
    (folder / "model.bin").write_bytes(b"nothing")
    with pytest.raises(EngineError, match="opus-mt-en-es cannot be loaded"):
        async with Engine(options(folder)):
            pass
    (write_opus(tmp_path / "opus-mt-en-fr") / "source.spm").write_bytes(b"nothing")
    with pytest.raises(EngineError, match="opus-mt-en-fr cannot be read"):
        async with Engine(options(tmp_path / "opus-mt-en-fr")):
            pass


async def test_a_monologue_and_an_unknown_pair_are_refused(tmp_path: Path) -> None:
    """By their classes."""
    async with Engine(options(write_nllb(tmp_path / "nllb"))) as engine:
        with pytest.raises(RequestTooLargeError):
            await engine.translate(request("a " * 20_000))
        with pytest.raises(UnsupportedLanguageError):
            await engine.translate(request(target="th"))
