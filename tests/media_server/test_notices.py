"""What a room has to say to people."""

import pytest

from media_server.notices import AUTO_LANGUAGE, ENGINE_CHANGED, ENGINE_TEXTS, TEXTS, engine_notice, notice
from media_server.routing import NO_TRANSLATION, TRANSLATION_PAUSED
from media_server.stand_in import StandIn
from pipeline.messages import Stage


@pytest.mark.parametrize("code", [code for code in TEXTS if code != AUTO_LANGUAGE])
def test_every_code_has_a_sentence(code: str) -> None:
    """A notice is a whole sentence or two, and says whom it is about."""
    told = notice(code, "ann")
    assert told.code == code
    assert told.text.endswith(".")
    assert told.speaker_id == "ann"


def test_language_is_named() -> None:
    """What `auto` is taken for is in the sentence, and beside it for pages with words of their own."""
    told = notice(AUTO_LANGUAGE, language="en")
    assert " en:" in told.text
    assert told.language == "en"


def test_routing_speaks_only_known_codes() -> None:
    """Each code that routing may give has its text."""
    assert {NO_TRANSLATION, TRANSLATION_PAUSED} <= TEXTS.keys()


@pytest.mark.parametrize(("code", "stage"), ENGINE_TEXTS)
def test_every_change_of_an_engine_has_a_sentence(code: str, stage: Stage) -> None:
    """It names the languages, and has them and the stage beside it for pages with words of their own."""
    languages = ("en", "es") if stage == "translation" else ("en",)
    told = engine_notice(code, StandIn(stage, languages))
    assert (told.code, told.stage, told.languages) == (code, stage, languages)
    assert all(f" {language}" in told.text for language in languages)
    assert told.text.endswith(".")


def test_a_change_says_what_to_expect() -> None:
    """In plain words."""
    told = engine_notice(ENGINE_CHANGED, StandIn("recognition", ("en",)))
    assert told.text == "Another engine than usual recognises en for now: expect more mistakes."
