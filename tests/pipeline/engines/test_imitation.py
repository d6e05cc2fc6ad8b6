"""Whether an engine can speak in somebody's own voice: from the engine to what its worker says."""

from pipeline.engines.engine import EngineInfo
from pipeline.engines.imitation import imitates
from pipeline.engines.voicer import EncodingVoicer
from pipeline.synthesis import SynthesisStage
from tests.fakes.engines import ScriptedVoicer


class Mimic(ScriptedVoicer):
    imitates = True


class Singer:
    """A synthesizer as far as it is asked here."""

    info: EngineInfo
    languages = frozenset({"es"})
    sample_rate = 16_000
    imitates = True


def test_most_engines_cannot() -> None:
    """Who says nothing of it cannot."""
    assert not imitates(object())
    assert not SynthesisStage(ScriptedVoicer()).condition().imitates


def test_a_worker_says_that_its_engine_can() -> None:
    """And so does what stands between the engine and the worker."""
    assert SynthesisStage(Mimic()).condition().imitates
    assert EncodingVoicer(Singer()).imitates  # type: ignore[arg-type]
