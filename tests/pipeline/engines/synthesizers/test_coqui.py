"""Coqui as a synthesizer: a model that follows a script, for faults and order. The real ones are in its folder."""

import asyncio
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.engines.coqui.model import OutOfGpuMemoryError, Said, Sound
from pipeline.engines.engine import EngineError, EngineUnavailableError
from pipeline.engines.options.coqui import CoquiOptions
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.synthesizers import coqui
from pipeline.engines.synthesizers.coqui import Engine

RATE = 24_000
REFERENCE = (3_000 * np.sin(np.arange(48_000) * 0.1)).astype("<i2").tobytes()


class ScriptedModel:
    """Says 0.1 s for each letter, in chunks of 0.1 s; on a GPU that is full after `gpu_chunks` of them."""

    imitates = True
    voices = tuple(f"stock {number}" for number in range(20))

    def __init__(self, device: str = "cpu", gpu_chunks: int = 1_000_000) -> None:
        self.device = device
        self.longest = {"es": 40}
        self.gpu_chunks = gpu_chunks
        self.said: list[Said] = []
        self.references: list[bytes] = []
        # What is being said now, and what was ended before its end.
        self.open: list[str] = []
        self.most_open = 0
        self.made = 0

    def stream(self, said: Said) -> Iterator[Sound]:
        self.said.append(said)
        self.open.append(said.text)
        self.most_open = max(self.most_open, len(self.open))
        try:
            for _ in said.text:
                if self.device == "cuda" and self.gpu_chunks <= 0:
                    raise OutOfGpuMemoryError
                self.gpu_chunks -= 1
                self.made += 1
                yield np.full(RATE // 10, 0.25, np.float32)
        finally:
            self.open.remove(said.text)

    def likeness(self, reference: bytes) -> Any:
        self.references.append(reference)
        return f"likeness {len(self.references)}"

    def move_to_cpu(self) -> None:
        self.device = "cpu"


Make = Callable[..., Engine]


@pytest.fixture
def engine_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Give what makes an engine that loads this model: no package of Coqui's is needed for that."""
    config = {"model": "xtts", "audio": {"sample_rate": 22_050, "output_sample_rate": RATE}, "languages": ["es"]}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)

    def make(model: ScriptedModel, load: Callable[..., ScriptedModel] | None = None) -> Engine:
        monkeypatch.setattr(coqui, "load", load or (lambda *_: model))
        return Engine(CoquiOptions(model=str(tmp_path)))

    return make


def request(text: str = "Hola", seed: str = "anna", reference: bytes = b"") -> SynthesisRequest:
    return SynthesisRequest(text=text, language="es", voice_seed=seed, reference=reference)


async def say(engine: Engine, asked: SynthesisRequest) -> float:
    """Give the seconds of sound."""
    return sum([len(chunk) async for chunk in engine.synthesize(asked)]) / 2 / RATE


async def test_everybody_has_a_stock_voice_of_their_own(engine_with: Make) -> None:
    """Always the same; no reference, no likeness."""
    model = ScriptedModel()
    async with engine_with(model) as engine:
        for seed in ("anna", "ben", "anna"):
            await say(engine, request(seed=seed))
    anna, ben, again = (said.voice for said in model.said)
    assert anna == again != ben
    assert {said.likeness for said in model.said} == {None}
    assert not model.references


async def test_who_lets_their_voice_be_used_is_heard_with_it(engine_with: Make) -> None:
    """It is made once, and forgotten when they take it back, or when the engine is told to."""
    model = ScriptedModel()
    async with engine_with(model) as engine:
        for reference in (REFERENCE, REFERENCE, b"", REFERENCE):
            await say(engine, request(reference=reference))
        engine.forget("anna")
        await say(engine, request(reference=REFERENCE))
    likenesses = ["likeness 1", "likeness 1", None, "likeness 2", "likeness 3"]
    assert [said.likeness for said in model.said] == likenesses


@pytest.mark.parametrize("reference", [REFERENCE[:20_000], bytes(96_000)], ids=["short", "silent"])
async def test_too_little_of_a_voice_is_not_used(engine_with: Make, reference: bytes) -> None:
    """The stock voice speaks."""
    model = ScriptedModel()
    async with engine_with(model) as engine:
        await say(engine, request(reference=reference))
    assert model.said[0].likeness is None


async def test_a_model_that_imitates_nobody_is_not_asked_to(engine_with: Make) -> None:
    """VITS has its own voices only."""
    model = ScriptedModel()
    model.imitates = False
    async with engine_with(model) as engine:
        await say(engine, request(reference=REFERENCE))
    assert not model.references


async def test_sound_is_given_out_while_it_is_made(engine_with: Make) -> None:
    """The first chunk is there when one was made; closing ends the stream in the model."""
    model = ScriptedModel()
    async with engine_with(model) as engine:
        sound = engine.synthesize(request("abcdefghijklmnopqrst"))
        await anext(aiter(sound))
        assert model.made == 1
        await sound.aclose()  # type: ignore[attr-defined]
        assert await say(engine, request("ab")) == pytest.approx(0.2)
    assert model.made <= 4
    assert not model.open


async def test_it_never_says_two_things_at_once(engine_with: Make) -> None:
    """However many ask, and whoever breaks off."""
    model = ScriptedModel()
    async with engine_with(model) as engine:
        asked = [asyncio.create_task(say(engine, request(f"{letter * 9}. {letter * 5}."))) for letter in "abcdef"]
        await asyncio.sleep(0.01)
        asked[1].cancel()
        done = await asyncio.gather(*asked, return_exceptions=True)
    assert [each for each in done if isinstance(each, float)] == pytest.approx([1.6] * 5)
    assert model.most_open == 1


async def test_long_texts_are_said_in_pieces_that_the_model_can_say(engine_with: Make) -> None:
    """At most so many characters at once."""
    model = ScriptedModel()
    async with engine_with(model) as engine:
        await say(engine, request("palabra " * 30))
    assert len(model.said) > 5
    assert max(len(said.text) for said in model.said) <= 40


async def test_a_model_that_does_not_fit_into_the_gpu_is_loaded_onto_the_cpu(engine_with: Make) -> None:
    """It says so in the log, and speaks."""
    tried: list[str] = []

    def load(description: object, options: CoquiOptions) -> ScriptedModel:
        tried.append(options.device)
        if options.device == "auto":
            raise OutOfGpuMemoryError
        return ScriptedModel()

    async with engine_with(ScriptedModel(), load) as engine:
        assert await say(engine, request("abcd")) == pytest.approx(0.4)
    assert tried == ["auto", "cpu"]


async def test_a_gpu_that_gets_full_before_a_sentence_is_heard_costs_nothing(engine_with: Make) -> None:
    """The CPU says it, and all that follows."""
    model = ScriptedModel("cuda", gpu_chunks=0)
    async with engine_with(model) as engine:
        assert await say(engine, request("abcd")) == pytest.approx(0.4)
    assert model.device == "cpu"


async def test_a_gpu_that_gets_full_in_a_sentence_costs_that_clause(engine_with: Make) -> None:
    """It may be tried again, on the CPU."""
    model = ScriptedModel("cuda", gpu_chunks=2)
    async with engine_with(model) as engine:
        with pytest.raises(EngineError, match="the CPU speaks from now on") as caught:
            await say(engine, request("abcd"))
        assert caught.value.retriable
        assert await say(engine, request("abcd")) == pytest.approx(0.4)


async def test_one_that_was_ended_says_so(engine_with: Make) -> None:
    """To whoever asks then, and who was being served; and keeps nobody's voice."""
    engine = engine_with(ScriptedModel())
    async with engine:
        await say(engine, request(reference=REFERENCE))
    assert len(engine._likenesses) == 0
    with pytest.raises(EngineError):
        await say(engine, request())


@pytest.mark.parametrize(("missing", "named"), [("torch", "PyTorch"), ("TTS", "coqui-tts")])
def test_missing_packages_are_told(missing: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that has them; before any model is looked for."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(EngineUnavailableError, match=rf"{named} is not installed: install parley\[coqui\]"):
        Engine.check()


def test_a_missing_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that fetches it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(EngineUnavailableError, match="parley models pull xtts-v2"):
        Engine()


def test_its_licence_says_that_it_is_not_for_commerce() -> None:
    """Where `parley doctor` and `parley engines` show it."""
    assert "not for commercial use" in Engine.info.model_licence
