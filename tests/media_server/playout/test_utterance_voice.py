"""One utterance's clauses in order, and what becomes of those that do not come."""

from media_server.playout.utterance_voice import MAX_CLAUSES, Lost, Patience, UtteranceVoice
from media_server.utterance import Utterance
from pipeline.messages import Speech
from tests.fakes.clock import EPOCH_MS
from tests.fakes.speech import clause, record, utterance

PATIENCE = Patience(hole_s=1.5, deadline_ms=5_000, turn_ms=10_000)
U = utterance()


def voice_of(*records: Speech, of: Utterance = U) -> UtteranceVoice:
    voice = UtteranceVoice(of, PATIENCE)
    for each in records:
        voice.put(each)
    return voice


def sweep(voice: UtteranceVoice, at_s: float = 0.0) -> list[Lost]:
    """Sweep so many seconds after the end of the utterance."""
    return voice.sweep(at_s, EPOCH_MS + round(at_s * 1000))


def play_head(voice: UtteranceVoice) -> None:
    while voice.head is not None and voice.head.take() is not None:
        pass


def test_clauses_come_in_order() -> None:
    """The second clause is played after the first, and the last one ends it."""
    voice = voice_of(*clause(U, 1, last=True), *clause(U, 0))
    sweep(voice)
    assert voice.head is not None
    assert voice.head.clause == 0
    play_head(voice)
    sweep(voice)
    assert voice.head is not None
    assert voice.head.clause == 1
    play_head(voice)
    assert sweep(voice) == []
    assert voice.finished


def test_clause_without_sound_is_passed_over() -> None:
    """Nothing said is nothing lost."""
    voice = voice_of(record(U, packets=0, end=True, last=True))
    assert sweep(voice) == []
    assert voice.finished


def test_tombstone_is_passed_over_and_lost() -> None:
    """A clause that failed for good is lost at once, and the next one's turn."""
    voice = voice_of(record(U, 0, skipped=True), *clause(U, 1))
    assert sweep(voice) == [Lost(U, 0, "failed")]
    assert voice.playable


def test_missing_clause_is_waited_for() -> None:
    """A hole is given up after 1.5 s; what comes of it later is refused."""
    voice = voice_of(*clause(U, 1))
    assert sweep(voice, 0.0) == []
    assert sweep(voice, 1.4) == []
    assert voice.head is None
    assert sweep(voice, 1.6) == [Lost(U, 0, "hole")]
    assert voice.playable
    assert not voice.put(record(U, 0))


def test_missing_record_is_waited_for() -> None:
    """Within a clause, too: its rest is given up after 1.5 s."""
    voice = voice_of(record(U, 0, 0), record(U, 0, 2, end=True))
    sweep(voice)
    play_head(voice)
    assert sweep(voice, 0.1) == []
    assert sweep(voice, 1.7) == [Lost(U, 0, "hole")]


def test_late_clause_is_not_spoken() -> None:
    """What comes more than five seconds after the end of its audio is dropped whole."""
    voice = voice_of(*clause(U, 0, ended_at_ms=EPOCH_MS))
    assert sweep(voice, 5.1) == [Lost(U, 0, "late")]
    assert voice.head is None


def test_clause_that_is_there_in_time_may_wait_for_its_turn() -> None:
    """While others are heard it stays, for ten seconds after the end of its audio; then it is too old."""
    voice = voice_of(*clause(U, 0, ended_at_ms=EPOCH_MS))
    assert sweep(voice, 5.0) == []
    assert sweep(voice, 10.0) == []
    assert voice.playable
    assert sweep(voice, 10.1) == [Lost(U, 0, "late")]
    assert voice.head is None


def test_clause_that_has_begun_is_never_late() -> None:
    """A clause is played whole or not at all."""
    voice = voice_of(*clause(U))
    sweep(voice)
    assert voice.head is not None
    voice.head.take()
    assert sweep(voice, 60.0) == []
    assert voice.playable


def test_waiting_clause_is_dropped_in_time() -> None:
    """A clause behind the one being played is dropped when its time comes, not when its turn comes; and only once."""
    voice = voice_of(*clause(U, 0), *clause(U, 1, last=True))
    sweep(voice)
    assert voice.head is not None
    voice.head.take()
    assert sweep(voice, 10.1) == [Lost(U, 1, "late")]
    play_head(voice)
    assert sweep(voice, 10.2) == []
    assert voice.finished


def test_committed_clause_without_a_voice_is_missed() -> None:
    """A clause of which only the text is known is late after five seconds."""
    voice = voice_of()
    voice.expect(0, EPOCH_MS)
    assert sweep(voice, 4.9) == []
    assert sweep(voice, 5.1) == [Lost(U, 0, "late")]


def test_speculation_is_never_late() -> None:
    """What was perhaps not said at all is no loss."""
    of = utterance(ended=False)
    voice = voice_of(*clause(of, 0, revision=1, speculative=True), of=of)
    assert sweep(voice, 10.0) == []


def test_utterance_without_its_last_word_ends_some_time() -> None:
    """When nothing of an ended utterance can be in time any more, it is finished."""
    voice = voice_of(*clause(U, 0))
    sweep(voice)
    play_head(voice)
    sweep(voice, 4.0)
    assert not voice.finished
    sweep(voice, 5.1)
    assert voice.finished


def test_giving_up_loses_what_is_committed() -> None:
    """What was known to be said and is not waited for is lost."""
    voice = voice_of()
    voice.expect(1, EPOCH_MS)
    assert voice.give_up() == [Lost(U, 1, "hole")]
    assert voice.finished


def test_clauses_are_bounded() -> None:
    """A clause with an absurd number is refused."""
    assert not voice_of().put(record(U, MAX_CLAUSES))


def test_waiting_sound_is_that_of_all_clauses() -> None:
    """The backlog counts every clause."""
    assert voice_of(*clause(U, 0), *clause(U, 1)).waiting_ms == 160


def test_end_of_a_clause_left_out_is_noticed() -> None:
    """When nobody hears the last clause its later records still say that it was the last."""
    first, second = clause(U, 0, last=True)
    voice = voice_of(first)
    sweep(voice)
    voice.skip()
    assert not voice.finished
    assert not voice.put(second)
    assert voice.finished
