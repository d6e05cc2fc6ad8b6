"""What of a dead letter is said again."""

from msgspec.structs import replace

from pipeline.messages import AudioChunk, DeadLetter, Message, Said, Speech, Target, Transcript
from pipeline.messages.audio_chunk import Resume
from pipeline.messages.codec import encode
from pipeline.replay import NOTHING_MISSING, Published, Replay, replay_of
from tests.fakes.letters import letter
from tests.pipeline.support import chunk, transcript, translation

BOTH = (Target("es"), Target("fr"))


def after(what: DeadLetter, *published: Message) -> Replay:
    known = Published({what.utterance_id})
    for one in published:
        known.note(one)
    return replay_of(what, known)


def same(replay: Replay, *originals: Said) -> bool:
    return replay.messages == tuple(replace(one, purpose="replay") for one in originals)


def test_an_utterance_of_which_nothing_was_published_is_replayed_whole() -> None:
    """Every chunk as it was, but for its purpose: a tombstone is nothing."""
    chunks = [chunk(0), chunk(100, ms=0, last=True)]
    tombstone = transcript("", final=True, last=True, skipped=True, reason="EngineError")
    assert same(after(letter(*chunks), tombstone), *chunks)


def test_an_utterance_goes_on_behind_the_clauses_that_were_published() -> None:
    """The chunks say where, since whoever hears them may know nothing of it."""
    clause = replace(transcript("we went home", final=True, clause=0, revision=2), end_ms=600)
    chunks = [one for one in after(letter(chunk(0), chunk(100)), clause).messages if isinstance(one, AudioChunk)]
    assert [one.resumes for one in chunks] == [Resume(1, 1, 600)] * 2


def test_an_utterance_that_ended_after_all_is_not_replayed() -> None:
    """Somebody replayed it before."""
    end = transcript("we went home", final=True, last=True)
    assert after(letter(chunk(0)), end) == Replay(why=NOTHING_MISSING)


def test_a_copy_for_late_joiners_is_no_news_of_an_utterance() -> None:
    """It may have been published long after, by whoever asked; what was translated of it is there."""
    chunks = [chunk(0), chunk(100, ms=0, last=True)]
    copy = replace(transcript("we went home", final=True, last=True), purpose="history")
    assert same(after(letter(*chunks), copy), *chunks)
    clause = transcript("hello", final=True, targets=BOTH)
    (again,) = after(letter(clause), replace(translation("hola", final=True), purpose="history")).messages
    assert isinstance(again, Transcript)
    assert again.targets == (Target("fr"),)


def test_a_clause_is_translated_only_into_the_languages_that_are_missing() -> None:
    """One of them had its translation when the other one failed."""
    clause = transcript("hello", final=True, targets=BOTH)
    (again,) = after(letter(clause), translation("hola", final=True)).messages
    assert isinstance(again, Transcript)
    assert (again.targets, again.purpose) == ((Target("fr"),), "replay")
    done = after(letter(clause), translation("hola", final=True), translation("salut", final=True, language="fr"))
    assert done.why == NOTHING_MISSING


def test_a_translation_that_was_skipped_or_is_another_clauses_is_missing() -> None:
    """Nor does interim text count."""
    clause = transcript("hello", final=True)
    known = [translation("", final=True, skipped=True), translation("hola", final=True, clause=1), translation("hola")]
    assert same(after(letter(clause), *known), clause)


def test_a_voice_is_never_replayed() -> None:
    """Its caption is there; and if it is not, only that is published."""
    text = translation("hola", final=True)
    assert after(letter(text), text).why == NOTHING_MISSING
    assert same(after(letter(text)), text)


def test_what_cannot_be_read_is_refused_in_words() -> None:
    """It stays where it is."""
    for values in ((b"\xc1",), (encode(chunk(0))[:20],)):
        refused = after(letter(chunk(0), originals=tuple(values)))
        assert refused.refused
        assert "cannot be read" in refused.why
    damaged = letter(chunk(0), originals=(b"no zlib",), compression="zlib")
    assert after(damaged).refused
    speech = Speech(
        room_id="r", user_id="a", sequence_number=0, utterance_id="u1", packets=(), language="es", clause=0, index=0,
        clause_end=True,
    )  # fmt: skip
    assert after(letter(speech)).why == "nobody works on audio.synthesized"
