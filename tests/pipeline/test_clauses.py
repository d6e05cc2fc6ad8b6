"""Cutting words into clauses while more come."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clauses import Clause, ClauseCutter
from pipeline.engines.transcriber import Word
from pipeline.settings import ClauseSettings
from tests.fakes.engines import words

STEP_MS = 100


def heard_at(script: Sequence[Word], heard_ms: int) -> tuple[Word, ...]:
    """Give the words whose end has been heard."""
    return tuple(word for word in script if word.end_ms <= heard_ms)


def listen(cutter: ClauseCutter, script: Sequence[Word], until_ms: int) -> list[tuple[int, Clause]]:
    """Hear a script step by step. Returns the commits and when each came."""
    commits = []
    for heard_ms in range(STEP_MS, until_ms + 1, STEP_MS):
        commits += [(heard_ms, clause) for clause in cutter.hear(heard_at(script, heard_ms), heard_ms)]
    return commits


def test_a_pause_with_a_word_behind_it_ends_a_clause() -> None:
    """The clause is committed once the word behind the pause has been stable for a while."""
    script = words("we went home") + words("then we ate", start_ms=800)
    ((at_ms, clause),) = listen(ClauseCutter(), script, 1400)
    assert (clause.number, clause.text, clause.start_ms, clause.end_ms) == (0, "we went home", 0, 600)
    assert at_ms == 1300


def test_a_short_pause_is_no_end() -> None:
    """Below 200 ms the words stay together."""
    script = words("we went home") + words("then we ate", start_ms=799)
    assert listen(ClauseCutter(), script, 3000) == []


def test_a_pause_after_two_words_is_no_end() -> None:
    """A clause has at least three words."""
    script = words("we went") + words("home then we ate", start_ms=800)
    assert listen(ClauseCutter(), script, 3000) == []


def test_a_pause_at_the_end_of_what_was_heard_is_no_end() -> None:
    """Without a word behind it, nobody knows that it is a pause in the sentence."""
    assert listen(ClauseCutter(), words("we went home"), 5000) == []


def test_words_without_any_pause_are_cut_when_they_span_seven_seconds() -> None:
    """At the largest gap, however small; here the one of 20 ms."""
    script = words(" ".join(f"a{n}" for n in range(20))) + words(" ".join(f"b{n}" for n in range(20)), start_ms=4020)
    commits = listen(ClauseCutter(), script, 7900)
    assert [(at_ms, clause.text.split()[-1]) for at_ms, clause in commits] == [(7100, "a19")]


def test_unstable_words_are_not_committed() -> None:
    """As long as a word behind the pause changes, there is no cut; nor before it was the same for a while."""
    cutter = ClauseCutter()
    before = words("we went home")
    for step, guess in enumerate(("den", "then", "den", "then", "den")):
        heard_ms = 1000 + step * STEP_MS
        assert cutter.hear((*before, Word(guess, 800, 1000)), heard_ms) == []
    for heard_ms in (1500, 1600):
        assert cutter.hear((*before, Word("then", 800, 1000)), heard_ms) == []
    assert [clause.text for clause in cutter.hear((*before, Word("then", 800, 1000)), 1800)] == ["we went home"]


def test_while_held_nothing_is_committed_and_nothing_is_lost() -> None:
    """The cut comes with the first hypothesis that is not held."""
    cutter, script = ClauseCutter(), words("we went home") + words("then we ate", start_ms=800)
    for heard_ms in range(STEP_MS, 2000, STEP_MS):
        assert cutter.hear(heard_at(script, heard_ms), heard_ms, hold=True) == []
    assert [clause.text for clause in cutter.hear(script, 2000)] == ["we went home"]


def test_a_committed_part_that_is_heard_differently_later_is_not_revised() -> None:
    """Later hypotheses count from the committed end on, by the middle of each word."""
    cutter, script = ClauseCutter(), words("we went home") + words("then we ate", start_ms=800)
    listen(cutter, script, 1400)
    other = (Word("wee", 0, 250), Word("when", 250, 700), *words("then we ate", start_ms=780))
    assert cutter.draft(other).text == "then we ate"


def test_words_without_duration_are_in_exactly_one_clause() -> None:
    """Some engines give a word no length; at the cut it still belongs to one side only."""
    script = (*words("we went home"), Word("then", 800, 800), Word("we", 800, 900), Word("ate", 900, 1000))
    cutter = ClauseCutter()
    ((_, clause),) = listen(cutter, script, 1400)
    assert f"{clause.text} {cutter.draft(script).text}" == "we went home then we ate"


def test_a_start_that_was_given_out_does_not_move() -> None:
    """The first word may be heard earlier or later afterwards."""
    cutter = ClauseCutter()
    starts = [cutter.draft([Word("we", start_ms, 400)]).start_ms for start_ms in (120, 80, 200)]
    assert starts == [120, 120, 120]


def test_the_end_is_never_before_the_start() -> None:
    """Not even when the only word moved to before the start that was given out."""
    cutter = ClauseCutter()
    cutter.draft([Word("we", 300, 400)])
    assert cutter.draft([Word("we", 100, 200)]).end_ms == 300


@st.composite
def speech(draw: st.DrawFn) -> tuple[Word, ...]:
    """Draw words in order, with pauses between them."""
    script, at_ms = [], 0
    for number in range(draw(st.integers(0, 40))):
        at_ms += draw(st.sampled_from((0, 0, 0, 30, 150, 200, 900)))
        length_ms = draw(st.integers(0, 600))
        script.append(Word(draw(st.sampled_from(("a", "b", f"w{number}"))), at_ms, at_ms + length_ms))
        at_ms += length_ms
    return tuple(script)


@given(speech(), st.integers(0, 3), st.integers(50, 500))
def test_every_word_is_in_exactly_one_clause(script: tuple[Word, ...], unstable: int, step_ms: int) -> None:
    """However the tail of the hypotheses flickers, the clauses and the rest are the words of the final hypothesis.

    The last `unstable` words of each hypothesis are guesses that change every time, up to the final one.
    """
    cutter, committed, starts = ClauseCutter(ClauseSettings(span_ms=3000)), list[Clause](), dict[int, int]()
    end_ms = script[-1].end_ms if script else 0
    for heard_ms in range(step_ms, end_ms + 1000, step_ms):
        sure = heard_at(script, heard_ms)
        sure = sure[: max(0, len(sure) - unstable)] if len(sure) < len(script) else sure
        guesses = [Word(f"?{heard_ms}", word.start_ms, word.end_ms) for word in script[len(sure) :][:unstable]]
        committed += cutter.hear((*sure, *guesses), heard_ms)
        draft = cutter.draft((*sure, *guesses))
        if draft.words:
            assert starts.setdefault(draft.number, draft.start_ms) == draft.start_ms
    rest = cutter.draft(script)
    assert [word for clause in (*committed, rest) for word in clause.words] == list(script)
    assert [clause.number for clause in (*committed, rest)] == list(range(len(committed) + 1))
    assert all(starts.get(clause.number, clause.start_ms) == clause.start_ms for clause in committed)


@given(speech())
def test_the_same_hypotheses_are_cut_the_same_way(script: tuple[Word, ...]) -> None:
    """A replay gives the same clauses."""
    assert listen(ClauseCutter(), script, 9000) == listen(ClauseCutter(), script, 9000)


SENTENCE = words("when we went home it rained, and nobody had an umbrella. so we ran")


def test_where_there_is_punctuation_a_clause_ends_at_a_mark() -> None:
    """At a comma or a full stop, once it has 20 characters; as soon as the engine says that those words stay."""
    cutter = ClauseCutter()
    assert cutter.hear(SENTENCE[:6], 1200, stable=5) == []
    (first,) = cutter.hear(SENTENCE[:8], 1600, stable=6)
    (second,) = cutter.hear(SENTENCE, 2800, stable=13)
    assert (first.text, second.text) == ("when we went home it rained,", "and nobody had an umbrella.")
    assert cutter.draft(SENTENCE).text == "so we ran"


def test_a_mark_within_the_first_twenty_characters_ends_nothing() -> None:
    """Crumbs are not worth a voice of their own."""
    cutter = ClauseCutter()
    short = words("well, yes, of course, that is true")
    assert [clause.text for clause in cutter.hear(short, 1400, stable=6)] == ["well, yes, of course,"]


def test_a_pause_ends_no_clause_where_there_is_punctuation() -> None:
    """Somebody who hesitates has not ended the sentence."""
    script = words("we went home") + words("then we ate", start_ms=1200)
    assert ClauseCutter().hear(script, 5000, stable=6) == []


def test_marks_count_as_well_where_the_engine_does_not_say_what_is_stable() -> None:
    """Once the words stayed the same for a while, and another one stands behind them."""
    cutter = ClauseCutter()
    for heard_ms in (1200, 1300, 1400, 1500, 1600):
        assert cutter.hear(SENTENCE[:6], heard_ms) == []
    assert [clause.text for clause in cutter.hear(SENTENCE[:7], 1700)] == ["when we went home it rained,"]


def test_the_last_word_may_end_a_clause_where_it_is_certain() -> None:
    """No word behind it is needed then, and what comes is behind it."""
    cutter = ClauseCutter()
    (clause,) = cutter.hear(SENTENCE[:6], 1200, stable=6)
    assert clause.text == "when we went home it rained,"
    assert cutter.draft(SENTENCE).text == "and nobody had an umbrella. so we ran"


def test_a_clause_without_marks_is_cut_between_words_at_120_characters() -> None:
    """A single word that is longer stays whole."""
    long = words(" ".join(["eleven"] * 40) + " " + "x" * 150 + " end")
    texts = [clause.text for clause in ClauseCutter().hear(long, 9000, stable=42)]
    assert [len(text) for text in texts] == [118, 118, 41, 150]


def test_wide_letters_make_shorter_clauses() -> None:
    """Ten of them are enough for a comma to count, and sixty are the most."""
    words_ = tuple(
        Word(letter, n * 100, n * 100 + 100) for n, letter in enumerate("今天天气很好我们去，公园" + "走" * 70)
    )
    texts = [clause.text for clause in ClauseCutter().hear(words_, 9000, stable=len(words_))]
    assert texts == ["今天天气很好我们去，", "公园" + "走" * 58]


@st.composite
def punctuated(draw: st.DrawFn) -> tuple[Word, ...]:
    """Draw words in order, some with marks, some very long."""
    texts = draw(st.lists(st.sampled_from(("a", "word", "Mr.", "so,", "end.", "longerword", "x" * 130)), max_size=60))
    return words(" ".join(texts))


@settings(max_examples=60)
@given(punctuated(), st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_no_word_is_lost_or_repeated_where_there_is_punctuation(script: tuple[Word, ...], steps: list[int]) -> None:
    """Whatever the engine is sure of when: committed text never changes, and no clause is longer than allowed."""
    cutter, committed, heard = ClauseCutter(), list[Clause](), 0
    for step in steps:
        heard = min(len(script), heard + step)
        guesses = tuple(Word(f"?{word.text}", word.start_ms, word.end_ms) for word in script[heard : heard + 2])
        committed += cutter.hear((*script[:heard], *guesses), heard * 200, stable=heard)
    rest = cutter.draft(script)
    assert [word for clause in (*committed, rest) for word in clause.words] == list(script)
    assert all(len(clause.text) <= 120 or len(clause.words) == 1 for clause in committed)
