"""Who reads in a room, and what that asks of the media server."""

from functools import partial

from signaling.captions import audience as audience_module
from signaling.captions.audience import Audience
from signaling.captions.caption import Reader
from tests.fakes.said import transcript


def audience_of(*readers: Reader) -> Audience:
    audience = Audience(50, most_languages=2)
    for reader in readers:
        audience.readers[object()] = (partial(_same, reader), lambda _: None)
    return audience


def _same(reader: Reader) -> Reader:
    return reader


def test_nobody_reads_where_nobody_is() -> None:
    """Neither a reader nor a kept transcript: no words are wanted."""
    assert audience_of().wanted is None


def test_readers_want_words_and_some_want_a_language() -> None:
    """Participants do not: what they listen to is known. Nor does who wants no translations, or all languages."""
    participant, everything = Reader("bea", "es"), Reader(None, None)
    assert audience_of(participant).wanted == frozenset()
    assert audience_of(participant, everything, Reader(None, "de", translated=False)).wanted == frozenset()
    assert audience_of(everything, Reader(None, "fr"), Reader(None, "es")).wanted == frozenset({"fr", "es"})


def test_a_kept_transcript_wants_words() -> None:
    """Without a single reader."""
    audience = audience_of()
    audience.kept = True
    assert audience.wanted == frozenset()
    assert audience.is_used


def test_names_are_remembered() -> None:
    """Of who has left, too, and no more of them than fit."""
    audience = audience_of()
    assert audience.name("anna", "Anna") == "Anna"
    assert audience.name("anna", None) == "Anna"
    assert audience.name("anna", "Anna B.") == "Anna B."
    for number in range(audience_module.NAMES):
        audience.name(f"p{number}", "N")
    assert audience.name("anna", None) is None


def test_a_room_that_begins_anew_has_forgotten_everything() -> None:
    """Texts and names; its readers stay."""
    audience = audience_of(Reader(None, None))
    audience.captions.take(transcript("secret"))
    audience.name("anna", "Anna")
    audience.begin_anew()
    assert audience.captions.texts == []
    assert audience.name("anna", None) is None
    assert audience.readers


def test_only_so_many_languages_are_translated_for_readers() -> None:
    """The first ones count, until their readers go; what was said before is bounded in the same way."""
    audience = audience_of(*(Reader(None, language) for language in ("fr", "es", "fr", "de")))
    assert audience.wanted == frozenset({"fr", "es"})
    for _ in range(3):
        audience.readers.pop(next(iter(audience.readers)))
    assert audience.wanted == frozenset({"de"})
    assert [audience.may_ask(language) for language in ("fr", "es", "de", "es")] == [True, True, False, True]
    audience.begin_anew()
    assert audience.may_ask("de")
