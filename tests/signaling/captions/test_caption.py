"""Who is shown which caption: the table."""

import pytest

from pipeline.messages import Target, Times
from signaling.captions.caption import Reader, Text, choose
from tests.fakes.said import transcript, translation

EN = transcript("good morning")
NOBODY = transcript("good morning", targets=())
HANS_ONLY = transcript("good morning", targets=(Target("zh-Hans"),))
ES = translation("buenos días", "good morning")
SKIPPED = translation("", "good morning", skipped=True)
FR = translation("bonjour", "good morning", language="fr")
HANS = transcript("你好", language="zh-Hans")
DE = transcript("guten Morgen", language="de")


def can(source: str, target: str) -> bool:
    """English can be had in Spanish, French and Chinese; nothing else can."""
    return source == "en" and target in {"es", "es-MX", "fr", "zh-Hant"}


# reader, their language, the text, what they see of it (language, text) or None
TABLE: list[tuple[str, str | None, Text, tuple[str, str] | None]] = [
    # Who understands what was said sees it as it was recognised.
    ("carl", "en", EN, ("en", "good morning")),
    ("carl", "en-GB", EN, ("en", "good morning")),
    ("carl", "en", ES, None),
    # Whoever does not, sees their translation only.
    ("bea", "es", EN, None),
    ("bea", "es", ES, ("es", "buenos días")),
    ("bea", "es-MX", ES, ("es", "buenos días")),
    ("bea", "es", FR, None),
    # The speaker sees what was recognised, in whatever language they listen, and no translation of it.
    ("anna", "en", EN, ("en", "good morning")),
    ("anna", "es", EN, ("en", "good morning")),
    ("anna", "es", ES, None),
    # Skipped by translation: what was said takes its place.
    ("bea", "es", SKIPPED, ("en", "good morning")),
    ("anna", "es", SKIPPED, None),
    # Nothing here translates it: what was said.
    ("bea", "es", DE, ("de", "guten Morgen")),
    ("jun", "ja", EN, ("en", "good morning")),
    # It was not aimed at their language, so no translation will come: what was said.
    ("fay", "fr", EN, ("en", "good morning")),
    ("bea", "es", NOBODY, ("en", "good morning")),
    ("bea", "es-MX", EN, None),
    # Aimed at their language, but in a script they do not read.
    ("lin", "zh-Hant", HANS_ONLY, ("en", "good morning")),
    # The same spoken language in another script is never translated: better that script than nothing.
    ("lin", "zh-Hant", HANS, ("zh-Hans", "你好")),
    # Not a participant, all languages.
    ("", None, EN, ("en", "good morning")),
    ("", None, ES, ("es", "buenos días")),
]


@pytest.mark.parametrize(("who", "language", "text", "seen"), TABLE)
def test_who_sees_what(who: str, language: str | None, text: Text, seen: tuple[str, str] | None) -> None:
    """The table of captions."""
    caption = choose(Reader(who or None, language), text, can)
    assert (caption and (caption.language, caption.text)) == seen


def test_a_caption_says_where_it_comes_from() -> None:
    """Ids, the words spoken and their language, and when."""
    caption = choose(Reader("bea", "es"), translation("sí", "yes", clause=2, final=False, ended_at_ms=77), can)
    assert caption is not None
    assert (caption.speaker_id, caption.utterance_id, caption.clause) == ("anna", "u1", 2)
    assert (caption.source_text, caption.source_language) == ("yes", "en")
    assert (caption.is_final, caption.timestamp_ms) == (False, 77)


def test_interim_text_without_an_end_has_the_time_of_its_sound() -> None:
    """A recogniser that does not say where the words end is no reason to say 1970."""
    caption = choose(Reader(None, None), transcript("so", ended_at_ms=0, times=Times(captured_at_ms=55)), can)
    assert caption is not None
    assert caption.timestamp_ms == 55


def test_speculation_is_shown_as_interim() -> None:
    """It may still be taken back."""
    caption = choose(Reader(None, None), transcript("so it ends", final=False, speculative=True), can)
    assert caption is not None
    assert not caption.is_final


ONLY_SPOKEN = Reader(None, None, translated=False)
ENGLISH_SPOKEN = Reader(None, "en-GB", translated=False)
SPANISH_SPOKEN = Reader(None, "es", translated=False)
FINALS = Reader(None, None, interim=False)
FRENCH_ONLY = Reader(None, None, languages=frozenset({"fr"}))

# reader, the text, what they see of it
CHOICES: list[tuple[Reader, Text, str | None]] = [
    # Without translations: what was said, in whatever language or in one, and never a tombstone.
    (ONLY_SPOKEN, EN, "good morning"),
    (ONLY_SPOKEN, DE, "guten Morgen"),
    (ONLY_SPOKEN, ES, None),
    (ONLY_SPOKEN, SKIPPED, None),
    (ENGLISH_SPOKEN, EN, "good morning"),
    (ENGLISH_SPOKEN, DE, None),
    (SPANISH_SPOKEN, ES, None),
    # Without interim text.
    (FINALS, transcript("good", final=False), None),
    (FINALS, translation("buenos", "good", final=False, speculative=True), None),
    (FINALS, ES, "buenos días"),
    # All languages are those that they may read.
    (FRENCH_ONLY, FR, "bonjour"),
    (FRENCH_ONLY, EN, None),
    (FRENCH_ONLY, ES, None),
    (FRENCH_ONLY, translation("", "good morning", language="fr", skipped=True), None),
]


@pytest.mark.parametrize(("reader", "text", "seen"), CHOICES)
def test_readers_choose(reader: Reader, text: Text, seen: str | None) -> None:
    """What a reader does not want, or may not read, is not shown."""
    caption = choose(reader, text, can)
    assert (caption and caption.text) == seen


def test_a_caption_counts_the_revisions_of_its_text() -> None:
    """A later speculation has a higher one."""
    caption = choose(Reader(None, None), transcript("so", final=False, speculative=True, revision=3), can)
    assert caption is not None
    assert caption.revision == 3
