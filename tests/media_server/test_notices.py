"""What a room has to say to people."""

import pytest

from media_server.notices import AUTO_LANGUAGE, TEXTS, notice
from media_server.routing import NO_TRANSLATION, TRANSLATION_PAUSED


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
