"""What is known of an utterance that another worker began."""

from msgspec.structs import replace

from pipeline.messages.audio_chunk import Resume
from pipeline.messages.transcript import Transcript
from pipeline.told import Memory, Told
from tests.pipeline.support import transcript


def clause(text: str, number: int, end_ms: int, **more: object) -> Transcript:
    return replace(transcript(text, final=True, clause=number), end_ms=end_ms, **more)


def told(*transcripts: Transcript) -> Told:
    it = Told()
    for one in transcripts:
        it.note(one)
    return it


def test_it_goes_on_behind_the_last_committed_clause() -> None:
    """With its words, its place in the sound, and the highest revision that was given out."""
    it = told(clause("we went home", 0, 600, revision=3), clause("then we", 1, 1500, revision=3))
    assert (it.clause, it.end_ms, it.revision, it.words) == (2, 1500, 2, ("we", "went", "home", "then", "we"))
    assert it.resume == Resume(2, 2, 1500)
    assert not it.ended


def test_a_clause_that_came_twice_counts_once() -> None:
    """Two workers may have published it."""
    once = clause("we went home", 0, 600)
    assert told(once, once).words == ("we", "went", "home")


def test_a_clause_that_is_missing_makes_the_words_unknown() -> None:
    """Then only the place in the sound counts."""
    assert told(clause("then we ate", 1, 1500)).words is None


def test_the_start_of_the_next_clause_and_its_speculation_are_kept() -> None:
    """Until that clause is committed."""
    draft = replace(transcript("then we", clause=1, revision=2, speculative=True), start_ms=900, end_ms=1200)
    it = told(clause("we went home", 0, 600), draft)
    assert (it.start_ms, it.speculation, it.revision) == (900, draft, 2)
    it.note(clause("then we ate", 1, 1500, revision=3))
    assert (it.start_ms, it.speculation) == (None, None)


def test_a_tombstone_is_an_end_but_no_clause_and_a_real_end_outranks_it() -> None:
    """A replay may put something in its place."""
    tombstone = clause("", 0, 0, last=True, skipped=True, reason="EngineError")
    it = told(tombstone)
    assert (it.end, it.ended, it.clause) == (tombstone, False, 0)
    it.note(clause("we went", 0, 500, last=True))
    it.note(tombstone)
    assert (it.ended, it.clause) == (True, 1)


def test_a_replay_says_itself_where_it_goes_on() -> None:
    """What was said before it is not known word by word."""
    it = Told(Resume(2, 4, 1500))
    assert (it.clause, it.revision, it.end_ms, it.words) == (2, 4, 1500, None)
    assert Told(Resume(0, 1, 0)).words == ()


def test_memory_is_by_utterance_and_bounded() -> None:
    """The oldest is forgotten."""
    memory = Memory(2, [transcript("a", utterance=name) for name in ("u1", "u2", "u3")])
    assert memory.of("u1") is None
    assert memory.of("u3") is not None
