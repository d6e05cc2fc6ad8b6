"""LocalAgreement over scripted decodings."""

import itertools
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.transcriber import Word
from pipeline.engines.whisper.agreement import Agreement, bare
from tests.fakes.engines import words


def texts(heard: Sequence[Word]) -> str:
    return " ".join(word.text for word in heard)


def test_what_two_decodings_agree_on_is_committed_but_for_the_last_word() -> None:
    """The last word may have been cut short, and its full stop is a guess."""
    agreement = Agreement()
    agreement.hear(words("we went home."), 0)
    assert agreement.committed == ()
    agreement.hear(words("we went home."), 0)
    assert texts(agreement.committed) == "we went"
    agreement.hear(words("we went home and slept"), 0)
    assert texts(agreement.committed) == "we went home"
    assert texts(agreement.words) == "we went home and slept"


def test_a_word_that_changed_is_not_committed() -> None:
    """Nor anything behind it, before they agree again."""
    agreement = Agreement()
    agreement.hear(words("we when home now"), 0)
    agreement.hear(words("we went home now"), 0)
    assert texts(agreement.committed) == "we"
    agreement.hear(words("we went home now"), 0)
    assert texts(agreement.committed) == "we went home"


def test_marks_and_capitals_are_no_disagreement() -> None:
    """What is committed is written as it was heard last."""
    agreement = Agreement()
    agreement.hear(words("We went home and"), 0)
    agreement.hear(words("we went home, and"), 0)
    assert texts(agreement.committed) == "we went home,"


def test_committed_words_that_are_heard_differently_stay_and_are_not_said_twice() -> None:
    """A word more, a word less, or another one: what follows is taken from behind them."""
    for later in ("well we went home and slept", "went home and slept", "we want home and slept", "home and slept"):
        agreement = Agreement()
        agreement.hear(words("we went home and"), 0)
        agreement.hear(words("we went home and"), 0)
        behind = agreement.rest(words(later), 0)
        assert texts((*agreement.committed, *behind)) == "we went home and slept"


def test_where_all_is_different_the_place_in_the_sound_decides() -> None:
    """Words that end where the committed ones do stand for them."""
    agreement = Agreement()
    agreement.hear(words("one two three four"), 0)
    agreement.hear(words("one two three four"), 0)
    assert texts(agreement.rest(words("a b c d"), 0)) == "d"


def test_a_window_that_begins_later_knows_only_the_committed_words_in_it() -> None:
    """Those before it were let go with their sound."""
    agreement = Agreement()
    for _ in range(2):
        agreement.hear(words("we went home and slept"), 0)
    assert texts(agreement.rest(words("home and slept well", start_ms=400), 400)) == "slept well"
    assert texts(agreement.rest(words("slept well", start_ms=800), 800)) == "slept well"


def test_words_behind_never_begin_before_the_committed_ones_have_ended() -> None:
    """Times stay in order, although each decoding aligns anew."""
    agreement = Agreement()
    for _ in range(2):
        agreement.hear(words("we went home"), 0)
    (word,) = agreement.rest((*words("we went"), Word("home", 350, 390)), 0)
    assert (word.start_ms, word.end_ms) == (400, 420)


def test_forcing_commits_without_a_second_opinion() -> None:
    """Up to a place in the sound; what ends behind it is heard again."""
    agreement = Agreement()
    agreement.force(words("we went home and slept"), 0, 600)
    assert texts(agreement.committed) == "we went home"
    assert texts(agreement.words) == "we went home and slept"


decodings = st.lists(st.lists(st.sampled_from("a b c d. D b, no".split()), max_size=12), max_size=12)  # noqa: SIM905


@settings(max_examples=50)
@given(decodings, st.sampled_from((0, 300, 1000)))
def test_a_committed_prefix_never_changes(heard: list[list[str]], since_ms: int) -> None:
    """Whatever is heard, erasure of committed text is 0, words are in order, and do not overlap."""
    agreement, before = Agreement(), tuple[Word, ...]()
    for number, said in enumerate(heard):
        start_ms = since_ms if number % 3 == 2 else 0
        agreement.hear(words(" ".join(said), start_ms=start_ms), start_ms)
        assert agreement.committed[: len(before)] == before
        assert agreement.words[: len(before)] == before
        before = agreement.committed
    spoken = agreement.words
    assert all(word.start_ms < word.end_ms for word in spoken)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(spoken))


@settings(max_examples=50)
@given(st.lists(st.sampled_from("a b c no".split()), max_size=30), st.data())  # noqa: SIM905
def test_no_word_is_lost_or_repeated(said: list[str], data: st.DataObject) -> None:
    """However the ends of the decodings flicker, the words in the end are those of the last decoding."""
    script, agreement = words(" ".join(said)), Agreement()
    for count in range(len(script)):
        sure = script[: max(0, count - data.draw(st.integers(0, 3)))]
        guesses = words("x" * data.draw(st.integers(1, 3)), start_ms=sure[-1].end_ms if sure else 0)
        agreement.hear((*sure, *guesses), 0)
        assert [bare(word) for word in agreement.committed] == said[: len(agreement.committed)]
    assert [word.text for word in (*agreement.committed, *agreement.rest(script, 0))] == said
