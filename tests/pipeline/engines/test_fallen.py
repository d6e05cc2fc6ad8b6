"""What is not done by the best engine now."""

from pipeline.engines.fallen import fallen
from tests.fakes.engines import ScriptedTranslator


class Laddered:
    def __init__(self) -> None:
        self.fallen = {"en": 1}


def test_an_engine_of_chains_says_what_has_fallen() -> None:
    """By language or pair, with the place of whoever does it."""
    assert fallen(Laddered()) == {"en": 1}


def test_an_engine_alone_never_falls() -> None:
    """There is nothing that it could fall back to."""
    assert fallen(ScriptedTranslator()) == {}
