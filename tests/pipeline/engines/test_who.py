"""Which engine it is that does something."""

from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.engines.who import who
from pipeline.translation import TranslationStage
from tests.fakes.engines import ScriptedTranslator
from tests.pipeline.support import transcript


class Chains:
    """Made of several engines, as `Chosen` is."""

    def serving(self, ability: object) -> str:
        if ability == "fi":
            raise UnsupportedLanguageError("fi")
        return f"the one for {ability}"


def test_the_engine_that_serves_a_language_is_named() -> None:
    """Of an engine that is made of several."""
    assert who(Chains(), "es", "all of them") == "the one for es"


def test_any_other_engine_has_its_own_name() -> None:
    """And so has one that does the language no more."""
    assert who(object(), "es", "espeak") == "espeak"
    assert who(Chains(), "fi", "all of them") == "all of them"


class Several(ScriptedTranslator):
    """Made of several."""

    def serving(self, pair: tuple[str, str]) -> str:
        return f"the one for {'>'.join(pair)}"


async def test_a_translation_names_the_engine_that_does_its_pair() -> None:
    """What it cost is whose it was; the pair is the engine's own."""
    stage = TranslationStage(Several())
    said = [each async for each in stage.work(transcript(final=True, language="en-GB", skipped=False))]
    assert [each.engine for each in said] == ["the one for en>es"]
