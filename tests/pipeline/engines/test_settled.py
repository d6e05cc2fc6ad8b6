"""Which words never change any more."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.settled import SAME_FOR_MS, Settled
from pipeline.engines.transcriber import Hypothesis, Word
from tests.fakes.engines import words


def heard(text: str, stable: int | None = None) -> Hypothesis:
    return Hypothesis(words(text), "en", stable=stable)


def texts(settled: Settled) -> list[str]:
    return [word.text for word in settled.words]


def test_an_engine_that_says_so_is_believed() -> None:
    """At once, and its newest word too."""
    settled = Settled()
    settled.hear(heard("we went home", 2), 600)
    assert texts(settled) == ["we", "went"]
    settled.hear(heard("we went home", 3), 700)
    assert texts(settled) == ["we", "went", "home"]
    assert settled.end_ms == 600


def test_otherwise_words_settle_that_stay() -> None:
    """After a while of sound, and never the newest, which may be the beginning of a longer one."""
    settled = Settled()
    settled.hear(heard("we went home"), 600)
    settled.hear(heard("we want home"), 700)
    settled.hear(heard("we want home"), 600 + SAME_FOR_MS)
    assert texts(settled) == ["we"]
    settled.hear(heard("we want home"), 5_000)
    assert texts(settled) == ["we", "want"]


def test_what_settled_stays_whatever_is_heard_later() -> None:
    """The words behind it are those behind it in time."""
    settled = Settled()
    for at in (600, 1_000):
        settled.hear(heard("we went home"), at)
    for at in (1_100, 1_500):
        settled.hear(Hypothesis((Word("he", 0, 190), Word("sent", 210, 390), *words("it on", start_ms=400)), "en"), at)
    assert texts(settled) == ["we", "went", "it"]


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=5), max_size=12),
    st.booleans(),
)
def test_settled_words_only_grow(hypotheses: list[list[str]], sure: bool) -> None:
    """Whatever an engine says, what settled once is still there, in its place."""
    settled = Settled()
    before: tuple[Word, ...] = ()
    for number, said in enumerate(hypotheses):
        stable = None
        if sure:  # by its promise it repeats what never changes
            said = [*(word.text for word in settled.words), *said]
            stable = min(len(said), len(settled.words) + 1)
        settled.hear(heard(" ".join(said), stable), 200 * number)
        assert settled.words[: len(before)] == before
        before = settled.words
