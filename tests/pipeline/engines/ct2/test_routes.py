"""Which model, or which two, translate a pair."""

from pathlib import Path

from pipeline.engines.ct2.family import Tongues
from pipeline.engines.ct2.found import FoundModel
from pipeline.engines.ct2.routes import routes

NOWHERE = Path("nowhere")


def model(source: str, target: str, name: str = "") -> FoundModel:
    tongues = Tongues("opus", dict.fromkeys(source.split(), ""), dict.fromkeys(target.split(), ""))
    return FoundModel(Path(name or f"{source}-{target}"), tongues, NOWHERE, NOWHERE)


def names(models: list[FoundModel], source: str, target: str) -> list[str]:
    return [step.model.name for step in routes(models).get((source, target), ())]


def test_a_direct_model_is_taken_where_there_is_one() -> None:
    """The first of several; a pivot only where there is none."""
    models = [model("de", "en"), model("en", "fr"), model("de", "fr"), model("de en fr", "de en fr", "many")]
    assert names(models, "de", "fr") == ["de-fr"]
    assert names(models, "fr", "de") == ["many"]
    assert names(models[:2], "de", "fr") == ["de-en", "en-fr"]


def test_english_stands_in_between_where_there_is_a_choice() -> None:
    """Most models were trained with it."""
    models = [model("cs", "de"), model("de", "fr"), model("cs", "en"), model("en", "fr")]
    assert names(models, "cs", "fr") == ["cs-en", "en-fr"]


def test_there_are_never_two_languages_in_between() -> None:
    """Nor a way from a language to itself."""
    found = routes([model("cs", "de"), model("de", "en"), model("en", "fr"), model("de", "cs")])
    assert ("cs", "fr") not in found
    assert ("cs", "cs") not in found
