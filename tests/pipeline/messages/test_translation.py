"""Translations."""

from tests.pipeline.support import translation


def test_each_language_of_a_speaker_keeps_its_own_order() -> None:
    """The key is the speaker and the language."""
    assert translation(language="fr").key == "room/ann/fr"
