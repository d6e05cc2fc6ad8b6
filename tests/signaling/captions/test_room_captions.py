"""A room's memory of captions, and what its readers see in the end."""

from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.messages import Target, Transcript, Translation
from pipeline.messages.language import hears, reads
from signaling.captions.caption import Caption, Reader, Text
from signaling.captions.room_captions import Place, RoomCaptions, place_of
from tests.fakes.said import transcript, translation

EN = transcript("good morning")
ES = translation("buenos días", "good morning")
SKIPPED = translation("", "good morning", skipped=True)
NOT_AIMED = transcript("good morning", targets=())
FRENCH = Reader("fay", "fr")


def can(source: str, target: str) -> bool:
    """English can be had in Spanish, French and Chinese; nothing else can."""
    return source == "en" and target in {"es", "es-MX", "fr", "zh-Hant"}


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


def texts_of(captions: list[Caption]) -> list[str]:
    return [caption.text for caption in captions]


def test_what_was_not_said_for_a_reader_is_missing_once() -> None:
    """What could be translated for them and was not; not what is on its way, was made, or was asked for already."""
    captions = RoomCaptions(50)
    captions.take(transcript("one", targets=()))
    captions.take(transcript("two", clause=1, targets=(Target("fr"),)))
    captions.take(transcript("three", clause=2, targets=(Target("fr"),)))
    captions.take(translation("", "three", clause=2, language="fr", skipped=True))
    captions.take(transcript("cuatro", clause=3, language="es", targets=()))
    captions.take(transcript("", clause=4, targets=()))
    assert [text.payload for text in captions.missing("fr", can, 0)] == ["one", "three"]
    assert captions.missing("fr", can, 0) == []
    assert captions.missing("fr-CA", can, 0) == []
    assert captions.missing("en", can, 0) == []
    assert captions.missing("de", can, 0) == []


def test_what_is_too_long_ago_is_not_missing() -> None:
    """Nobody will be shown it."""
    captions = RoomCaptions(50)
    captions.take(transcript("old", targets=(), ended_at_ms=1_000))
    captions.take(transcript("new", targets=(), clause=1, ended_at_ms=2_000))
    assert [text.payload for text in captions.missing("fr", can, 1_500)] == ["new"]


def test_who_waits_for_a_translation_is_not_shown_what_was_said() -> None:
    """They get the translation, and everybody else what they would have had."""
    captions = RoomCaptions(50)
    captions.take(NOT_AIMED)
    captions.missing("fr", can, 0)
    assert captions.replay(FRENCH, can) == []
    assert texts_of(captions.replay(Reader("carl", "en"), can)) == ["good morning"]
    assert texts_of(captions.replay(Reader("anna", "fr"), can)) == ["good morning"], "it is the speaker"
    answer = translation("bonjour", "good morning", language="fr", purpose="history")
    assert captions.take_answer(answer)
    assert not captions.take_answer(answer)
    assert captions.take(answer)
    assert texts_of(captions.replay(FRENCH, can)) == ["bonjour"]


def test_who_waited_in_vain_is_shown_what_was_said() -> None:
    """Also if they come back with a cursor from before: they have not seen it."""
    captions = RoomCaptions(50)
    captions.take(NOT_AIMED)
    captions.take(transcript("yes", clause=1, language="fr"))
    captions.missing("fr", can, 0)
    cursor = captions.replay(FRENCH, can)[-1].cursor
    assert [text.payload for text in captions.give_up("fr")] == ["good morning"]
    assert captions.give_up("fr") == []
    assert texts_of(captions.replay(FRENCH, can, after=cursor)) == ["good morning"]
    assert captions.missing("fr", can, 0) == []


def test_who_comes_back_goes_on_behind_their_cursor() -> None:
    """With what was final since, corrections of earlier clauses included; a cursor of another room says nothing."""
    captions = RoomCaptions(50)
    captions.take(transcript("one", targets=()))
    captions.take(translation("", "two", clause=1, skipped=True))
    shown = captions.replay(Reader(None, None), can)
    assert [caption.cursor for caption in shown] == sorted({str(caption.cursor) for caption in shown})
    captions.take(transcript("three", clause=2, targets=()))
    captions.take(translation("dos", "two", clause=1))
    after = shown[-1].cursor
    assert captions.knows(after)
    assert texts_of(captions.replay(Reader(None, None), can, after=after)) == ["dos", "three"]
    other = RoomCaptions(50)
    assert not other.knows(after)
    for odd in (None, "", "x-1", f"{after}x", "-", "9" * 50):
        assert len(captions.replay(Reader(None, None), can, after=odd)) == 3, odd


def test_interim_captions_have_no_cursor() -> None:
    """Nobody can go on behind what will be said otherwise."""
    captions = RoomCaptions(50)
    draft, final = transcript("go", final=False, targets=()), transcript("good", targets=())
    captions.take(draft)
    shown = captions.show(Reader(None, None), draft, can)
    captions.take(final)
    committed = captions.show(Reader(None, None), final, can)
    assert shown is not None
    assert committed is not None
    assert shown.cursor is None
    assert committed.cursor is not None


def test_what_ended_with_nothing_said_stays_so() -> None:
    """Interim text that comes late does not bring it back, and it takes no place in the memory."""
    captions = RoomCaptions(50)
    assert captions.take(transcript(""))
    assert not captions.take(transcript("hm", final=False))
    assert not captions.take(transcript(""))
    assert captions.texts == []


# Whatever order texts come in, and however often, readers see the same in the end.

HISTORY = 50
READERS = (
    Reader("anna", "es"),
    Reader("carl", "en-GB"),
    Reader("bea", "es"),
    Reader(None, "fr"),
    Reader("jun", "ja"),
    Reader(None, "es", interim=False),
    Reader(None, None, translated=False),
)


@st.composite
def said(draw: st.DrawFn) -> list[Text]:
    """Give the texts of some clauses: what was recognised, translations, tombstones, and drafts of them all."""
    texts: list[Text] = []
    for clause in range(draw(st.integers(1, 3))):
        words = f"words {clause}"
        targets = tuple(Target(each) for each in draw(st.sets(st.sampled_from(["es", "fr"]))))
        where: dict[str, Any] = {"clause": clause, "ended_at_ms": 1_000 + clause}
        if draw(st.booleans()):
            texts.append(transcript("", skipped=True, targets=targets, **where))
        if draw(st.booleans()):
            texts.append(transcript("wor", final=False, targets=targets, **where))
        if draw(st.integers(0, 3)):
            texts.append(transcript(words, targets=targets, **where))
        for language in ("es", "fr"):
            for kind in draw(st.sets(st.sampled_from(["draft", "tombstone", "nothing", "real"]))):
                real = f"{language}({words})"
                if kind == "real":
                    texts.append(translation(real, words, language=language, **where))
                elif kind == "draft":
                    texts.append(translation(real[:4], "wor", language=language, final=False, **where))
                else:
                    source = words if kind == "tombstone" else ""
                    texts.append(translation("", source, language=language, skipped=True, **where))
    return texts


class Seen(NamedTuple):
    text: str
    language: str


def expected(reader: Reader, texts: list[Text]) -> dict[Place, Seen]:
    """Say what a reader is to see of all this, by what there is and not by when it came."""
    seen: dict[Place, Seen] = {}
    for place in {place_of(text) for text in texts}:
        here = [text for text in texts if place_of(text) == place and text.is_final]
        heard = [text for text in here if isinstance(text, Transcript)]
        best = min(heard, key=lambda text: text.skipped, default=None)
        made = [text for text in here if isinstance(text, Translation)]
        shown = _expected(reader, best, made)
        if shown is not None and shown.text:
            seen[place] = shown
    return seen


def _expected(reader: Reader, heard: Transcript | None, made: list[Translation]) -> Seen | None:
    spoken = None if heard is None else Seen(heard.payload, heard.language)
    if not reader.translated or reader.participant_id == "anna":
        return spoken
    assert reader.language is not None
    readable = [text for text in made if reads(reader.language, text.language)]
    real = [text for text in readable if not text.skipped]
    if real:
        return Seen(real[0].payload, real[0].language)
    shown = [Seen(text.source_text, text.source_language) for text in readable]
    is_aimed = heard is not None and any(reads(reader.language, target.language) for target in heard.targets)
    if heard is not None and (hears(reader.language, heard.language) or not can(heard.language, reader.language)):
        is_aimed = False
    if spoken is not None and not is_aimed:
        shown.append(spoken)
    return max(shown, default=None)


@settings(max_examples=50)
@given(said(), st.data())
def test_the_order_of_texts_changes_nothing_in_the_end(texts: list[Text], data: st.DataObject) -> None:
    """Duplicates, late interim texts and late corrections included; and who comes at the end sees the same."""
    again = data.draw(st.lists(st.sampled_from(texts)) if texts else st.just([]))
    order = data.draw(st.permutations([*texts, *again]))
    for reader in READERS:
        captions, view = RoomCaptions(HISTORY), dict[Place, Caption]()
        for text in order:
            caption = captions.show(reader, text, can) if captions.take(text) else None
            if caption is None:
                continue
            place = (caption.utterance_id, caption.clause)
            view[place] = caption
            if not caption.text:
                del view[place]
        wanted = expected(reader, texts)
        finals = {place: Seen(each.text, each.language) for place, each in view.items() if each.is_final}
        assert finals == wanted, reader
        late = {(each.utterance_id, each.clause): each for each in captions.replay(reader, can)}
        assert {place: Seen(each.text, each.language) for place, each in late.items()} == wanted, reader
