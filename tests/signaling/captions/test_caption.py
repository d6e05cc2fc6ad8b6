"""Who is shown which caption: the table, and a room's memory."""

import pytest

from pipeline.messages import Target, Times
from signaling.captions.caption import Reader, RoomCaptions, Text, choose
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


def test_interim_text_is_news_until_its_clause_is_committed() -> None:
    """What comes late, or twice, is not."""
    captions = RoomCaptions(50)
    assert captions.take(transcript("good", final=False))
    assert captions.take(transcript("good mor", final=False))
    assert captions.take(transcript("good morning"))
    assert not captions.take(transcript("good morning"))
    assert not captions.take(transcript("good mor", final=False))
    assert captions.take(transcript("and", final=False, clause=1))


def test_a_real_text_takes_the_place_of_a_skipped_one() -> None:
    """A tombstone is outranked, never the other way round."""
    captions = RoomCaptions(50)
    assert captions.take(SKIPPED)
    assert captions.take(ES)
    assert not captions.take(SKIPPED)
    assert [caption.text for caption in captions.replay(Reader("bea", "es"), can)] == ["buenos días"]


def test_late_joiners_get_what_was_committed_in_their_language() -> None:
    """Translated where it was, as spoken where it was not, in order, without interim and empty texts."""
    captions = RoomCaptions(50)
    for text in (
        EN,
        ES,
        transcript("second", clause=1),
        translation("segunda", "second", clause=1),
        transcript("", clause=2),
        transcript("third", final=False, clause=3),
    ):
        captions.take(text)
    assert [c.text for c in captions.replay(Reader("new", "es"), can)] == ["buenos días", "segunda"]
    assert [c.text for c in captions.replay(Reader("new", "en"), can)] == ["good morning", "second"]
    assert [(c.language, c.text) for c in captions.replay(Reader("new", "fr"), can)] == [
        ("en", "good morning"),
        ("en", "second"),
    ]
    assert len(captions.replay(Reader(None, None), can)) == 4


def test_a_late_joiner_waits_for_a_translation_that_is_on_its_way() -> None:
    """A final text shown now would stay in the place of theirs."""
    captions = RoomCaptions(50)
    captions.take(EN)
    assert captions.replay(Reader("bea", "es"), can) == []
    captions.take(ES)
    assert [caption.text for caption in captions.replay(Reader("bea", "es"), can)] == ["buenos días"]


def test_only_the_last_clauses_are_remembered() -> None:
    """When the memory is full, the oldest clause goes."""
    captions = RoomCaptions(3)
    for clause in range(10):
        captions.take(transcript(str(clause), clause=clause))
    assert [c.text for c in captions.replay(Reader(None, None), can)] == ["7", "8", "9"]


def test_what_is_replayed_stands_where_it_was_said() -> None:
    """Among the remembered clauses, and it makes none of them go that is newer."""
    captions = RoomCaptions(2)
    captions.take(transcript("second", utterance="u2", ended_at_ms=2_000))
    captions.take(transcript("first", utterance="u1", ended_at_ms=1_000, purpose="replay"))
    assert [c.text for c in captions.replay(Reader(None, None), can)] == ["first", "second"]
    captions.take(transcript("third", utterance="u3", ended_at_ms=3_000))
    captions.take(transcript("zeroth", utterance="u0", ended_at_ms=500, purpose="replay"))
    assert [c.text for c in captions.replay(Reader(None, None), can)] == ["second", "third"]
