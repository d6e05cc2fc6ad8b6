"""Which languages a room listens to."""

from media_server.targets import languages_listened_to, tongue


def test_own_language_is_left_out() -> None:
    """Whoever understands the speaker needs no translation, whatever their region."""
    assert languages_listened_to(["en-GB", "es", "fr"], "en-US") == ("es", "fr")


def test_one_translation_serves_all_regions() -> None:
    """Listeners in Spain and Mexico share one Spanish; the shortest tag stands for it."""
    assert languages_listened_to(["es-MX", "es", "es-ES"], "en") == ("es",)
    assert languages_listened_to(["es-MX", "es-ES"], "en") == ("es-ES",)


def test_scripts_are_kept_apart() -> None:
    """Who reads another script needs another translation."""
    assert languages_listened_to(["zh-Hans", "zh-Hant"], "en") == ("zh-Hans", "zh-Hant")
    assert tongue("zh-TW") == tongue("zh-Hant")


def test_nobody_understands_auto_by_default() -> None:
    """A speaker whose language is not known is translated into every language."""
    assert languages_listened_to(["en", "es"], "auto") == ("en", "es")


def test_nobody_listens() -> None:
    """Alone in a room there is nothing to translate into."""
    assert languages_listened_to([], "en") == ()
