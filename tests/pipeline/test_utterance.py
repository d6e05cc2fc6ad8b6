"""Which Transcripts an utterance's hypotheses become."""

from pipeline.engines.transcriber import Hypothesis
from pipeline.messages import Times
from pipeline.settings import RecognitionSettings
from pipeline.utterance import Utterance
from tests.fakes.engines import words
from tests.fakes.virtual_time import EPOCH_MS
from tests.pipeline.support import SPANISH, chunk


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now_ms = EPOCH_MS

    def __call__(self) -> int:
        return self.now_ms


def said(text: str, start_ms: int = 0) -> Hypothesis:
    return Hypothesis(words(text, start_ms=start_ms), "en")


def utterance(clock: Clock | None = None) -> Utterance:
    return Utterance(chunk(), "scripted", RecognitionSettings(), clock or Clock())


def test_interims_come_when_the_text_changed_but_not_too_often() -> None:
    """At most every 200 ms, and the newest text is not forgotten."""
    clock = Clock()
    one = utterance(clock)
    given = []
    for text in ("", "we", "we went", "we went", "we went home", "we went home"):
        interim = one.interim(said(text))
        given.append(interim.payload if interim else None)
        clock.now_ms += 100
    assert given == [None, "we", None, "we went", None, "we went home"]


def test_a_transcript_says_whose_and_when_and_for_whom() -> None:
    """Ids, language, targets and times are those of the newest chunk."""
    clock = Clock()
    one = utterance(clock)
    one.take(chunk(500, times=Times(captured_at_ms=EPOCH_MS + 600)))
    clock.now_ms += 40
    interim = one.interim(said("we went"))
    assert interim is not None
    assert (interim.room_id, interim.user_id, interim.utterance_id, interim.sequence_number) == (
        "room",
        "ann",
        "u1",
        500,
    )
    assert (interim.language, interim.targets, interim.engine) == ("en", SPANISH, "scripted")
    assert (interim.start_ms, interim.end_ms, interim.ended_at_ms) == (0, 400, EPOCH_MS + 400)
    assert interim.heard_ms == 600
    assert interim.times == Times(
        captured_at_ms=EPOCH_MS + 600, recognition_in_ms=EPOCH_MS, recognition_out_ms=EPOCH_MS + 40
    )


def test_a_confirmed_end_is_exactly_what_was_peeked() -> None:
    """Whatever was heard since."""
    one = utterance()
    draft = one.speculate(said("we went home"), 1, 700)
    one.hear(said("we went home ah"), 900)
    one.take(chunk(900, ms=0, last=True, confirms=1, times=Times(speech_ended_at_ms=EPOCH_MS + 612)))
    final = one.confirm(1)
    assert draft is not None
    assert final is not None
    assert (draft.speculative, draft.is_final, draft.last) == (True, False, False)
    assert (final.speculative, final.is_final, final.last) == (False, True, True)
    assert (final.payload, final.clause, final.revision) == (draft.payload, draft.clause, draft.revision)
    assert final.ended_at_ms == EPOCH_MS + 612


def test_an_empty_peek_says_nothing_but_can_be_confirmed() -> None:
    """The end is then empty."""
    one = utterance()
    assert one.speculate(said(""), 1, 500) is None
    final = one.confirm(1)
    assert final is not None
    assert (final.payload, final.last, final.revision) == ("", True, 1)


def test_only_the_newest_peek_can_be_confirmed() -> None:
    """An older one is void, and so is one that never was."""
    one = utterance()
    one.speculate(said("we"), 1, 500)
    one.speculate(said("we went"), 2, 900)
    assert [one.confirm(revision) for revision in (0, 1, 3)] == [None] * 3


def test_what_was_not_confirmed_has_a_higher_revision() -> None:
    """Revisions only grow within an utterance."""
    one = utterance()
    first = one.speculate(said("we went"), 1, 500)
    interim = one.interim(said("we went home"))
    final = one.conclude(said("we went home"))
    assert first is not None
    assert interim is not None
    assert [first.revision, interim.revision, final.revision] == [1, 1, 2]


def test_after_a_peek_nothing_is_cut_while_it_may_be_confirmed() -> None:
    """600 ms of sound later the speech has clearly gone on, and the pause is cut."""
    one = utterance()
    hypothesis = Hypothesis(words("we went home") + words("then we ate", start_ms=800), "en")
    one.speculate(said("we went home"), 1, 750)
    cut = {heard_ms: [final.payload for final in one.hear(hypothesis, heard_ms)] for heard_ms in range(1000, 1500, 50)}
    assert {heard_ms: texts for heard_ms, texts in cut.items() if texts} == {1350: ["we went home"]}


def test_giving_up_stands_for_the_rest() -> None:
    """A tombstone with the number of the clause that is missing, and the end of the utterance."""
    one = utterance()
    one.conclude(said("we went"))
    tombstone = one.give_up("why")
    assert (tombstone.clause, tombstone.payload, tombstone.skipped, tombstone.reason) == (1, "", True, "why")
    assert (tombstone.is_final, tombstone.last) == (True, True)


def test_the_language_is_the_speakers_own_unless_it_was_to_be_found_out() -> None:
    """`auto` becomes what the engine heard; a region is kept."""
    british = Utterance(chunk(language="en-GB"), "scripted", RecognitionSettings(), Clock())
    auto = Utterance(chunk(language="auto"), "scripted", RecognitionSettings(), Clock())
    assert british.conclude(said("we")).language == "en-GB"
    assert auto.conclude(said("we")).language == "en"


def test_a_peek_cannot_be_confirmed_once_a_clause_was_cut_out_of_it() -> None:
    """The end is then what is left, and counts as a correction."""
    one = utterance()
    hypothesis = Hypothesis(words("we went home") + words("then we ate", start_ms=800), "en")
    one.speculate(hypothesis, 1, 500)
    cut = [final.payload for heard_ms in range(1500, 2500, 100) for final in one.hear(hypothesis, heard_ms)]
    assert cut == ["we went home"]
    assert one.confirm(1) is None
    assert (one.conclude(hypothesis).payload, one.conclude(hypothesis).revision) == ("then we ate", 2)


def test_how_sure_the_language_is_travels_with_the_transcript() -> None:
    """Where it was to be detected; a language that was said is not guessed."""
    unsure = Hypothesis(words("we went"), "en", 0.6)
    for language, probability in (("auto", 0.6), ("en", None)):
        one = Utterance(chunk(language=language), "scripted", RecognitionSettings(), Clock())
        one.hear(unsure, 400)
        interim, speculation = one.interim(unsure), one.speculate(unsure, 1, 400)
        confirmed = one.confirm(1)
        for transcript in (interim, speculation, confirmed):
            assert transcript is not None
            assert transcript.language_probability == probability
    assert one.conclude(unsure).language_probability is None


def test_words_of_which_the_engine_is_certain_are_committed_at_a_mark() -> None:
    """While the person still speaks."""
    heard = words("we went home to the old house, where")
    one = utterance()
    assert one.hear(Hypothesis(heard, "en", stable=6), 1600) == []
    (clause,) = one.hear(Hypothesis(heard, "en", stable=7), 1600)
    assert clause.payload == "we went home to the old house,"
