"""What was said, and what of it came to whom."""

import pytest

from parley.load.diary import Diary
from tests.parley.load.people import caption, heard, seat, speech, turn

ANN, BOB, CAT = seat(0), seat(1), seat(2, "en", "en-GB", talks=False)


@pytest.fixture
def diary() -> Diary:
    """One of three people, of whom Cat understands the language that is spoken."""
    made = Diary()
    for each in (ANN, BOB, CAT):
        made.joined(each, 0.1)
    return made


def test_everybody_else_is_due_to_hear_and_read(diary: Diary) -> None:
    """A voice, or the original for whoever understands it; nobody their own."""
    said = diary.begins(turn(ANN), "ann", 10.0)
    assert {number: receipt.due for number, receipt in said.receipts.items()} == {1: "voice", 2: "floor"}
    assert diary.tally == (0, 4)


def test_what_comes_is_noted_once(diary: Diary) -> None:
    """The first sound, the first caption, and the last final one."""
    said = diary.begins(turn(ANN), "ann", 10.0)
    for at in (12.5, 12.6):
        diary.heard(BOB, heard("ann", at))
    diary.read(BOB, caption("ann", "ho", final=False), 11.0)
    diary.read(BOB, caption("ann", "hola"), 12.0)
    diary.read(BOB, caption("ann", "adiós", clause=1), 13.0)
    receipt = said.receipts[1]
    assert (receipt.voice_at, receipt.caption_at, receipt.final_at) == (12.5, 11.0, 13.0)
    assert diary.tally == (2, 4)


def test_an_original_is_not_a_voice(diary: Diary) -> None:
    """Whoever is due a voice and hears the speaker instead did not get what was due."""
    said = diary.begins(turn(ANN), "ann", 10.0)
    diary.heard(BOB, heard("ann", 10.1, kind="floor"))
    diary.heard(CAT, heard("ann", 10.1, kind="floor"))
    assert (said.receipts[1].sound_at, said.receipts[2].sound_at) == (None, 10.1)


def test_what_comes_belongs_to_what_was_said_last(diary: Diary) -> None:
    """By its time, if it does not say more."""
    first = diary.begins(turn(ANN), "ann", 10.0)
    other = diary.begins(turn(BOB, number=1), "bob", 12.0)
    second = diary.begins(turn(ANN, number=2), "ann", 14.0)
    diary.heard(BOB, heard("ann", 13.0))
    diary.heard(BOB, heard("ann", 15.0))
    assert (first.receipts[1].voice_at, second.receipts[1].voice_at) == (13.0, 15.0)
    assert other.receipts[0].voice_at is None


def test_an_utterance_belongs_where_it_began(diary: Diary) -> None:
    """What comes late of it is not taken for what is said meanwhile."""
    first = diary.begins(turn(ANN), "ann", 10.0)
    diary.read(BOB, caption("ann", "ho", final=False, utterance="u1"), 11.0)
    second = diary.begins(turn(ANN, number=1), "ann", 14.0)
    diary.read(BOB, caption("ann", "hola", utterance="u1"), 15.0)
    diary.heard(BOB, heard("ann", 15.5, utterance="u1"))
    assert (first.receipts[1].final_at, first.receipts[1].voice_at) == (15.0, 15.5)
    assert second.receipts[1].final_at is None


def test_what_others_say_is_none_of_ours(diary: Diary) -> None:
    """People may talk in the same room; and sound from before the first turn belongs to none."""
    diary.begins(turn(ANN), "ann", 10.0)
    diary.heard(BOB, heard("stranger", 11.0))
    diary.read(BOB, caption("stranger", "hola"), 11.0)
    diary.heard(BOB, heard("ann", 9.0))
    assert diary.tally == (0, 4)


def test_words_are_compared_with_the_text(diary: Diary) -> None:
    """All clauses of all utterances, each as it was in the end, whoever read it."""
    said = diary.begins(turn(ANN, speech(text="good morning to you")), "ann", 10.0)
    for reader in (BOB, CAT):
        diary.read(reader, caption("ann", "good", utterance="u1"), 12.0)
        diary.read(reader, caption("ann", "evening to", utterance="u1", clause=1), 12.5)
        diary.read(reader, caption("ann", "you", utterance="u2"), 13.0)
    assert said.errors == (1, 4)


def test_holes_in_a_numbered_stream_are_counted(diary: Diary) -> None:
    """Those of each speaker and kind for themselves; a lower number begins another socket."""
    diary.begins(turn(ANN), "ann", 10.0)
    for sequence in (1, 2, 5, 1, 2):
        diary.heard(BOB, heard("ann", 11.0, sequence=sequence))
    diary.heard(BOB, heard("ann", 11.0, kind="floor", sequence=1))
    assert (diary.frames, diary.frames_lost) == (6, 2)


def test_times_count_from_the_words(diary: Diary) -> None:
    """A recording begins and ends with silence."""
    said = diary.begins(turn(ANN, speech(3.0)), "ann", 10.0)
    assert said.words_begin == pytest.approx(11.0)
    assert said.words_end == pytest.approx(12.0)
