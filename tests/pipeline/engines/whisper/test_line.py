"""Who goes with the next batch."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.whisper.line import Line, Place, Rank

WAIT_S = 0.02


def line(wait_s: float = WAIT_S) -> Line[str]:
    """Make a line for windows that fit others of the same first letter."""
    return Line(fits=lambda first, other: first[0] == other[0], wait_s=wait_s)


def place(job: str = "a", rank: Rank = Rank.INTERIM, owner: str = "ann", since: float = 0.0) -> Place[str]:
    return Place(job, rank, owner, since)


def test_finals_go_before_interims_before_speculation() -> None:
    """Whenever they came; those of one rank in the order in which they came."""
    waiting = line()
    ranks = (Rank.SPECULATION, Rank.INTERIM, Rank.FINAL, Rank.FINAL, Rank.INTERIM)
    for number, rank in enumerate(ranks):
        waiting.join(place(f"a{number}", rank, f"speaker {number}", since=number))
    assert [each.job for each in waiting.take(2)] == ["a2", "a3"]
    assert [each.job for each in waiting.take(5)] == ["a1", "a4", "a0"]
    assert len(waiting) == 0


def test_a_newer_window_of_a_speaker_makes_an_interim_one_stale() -> None:
    """The newer interim one takes its place in the line, so that nobody is overtaken for ever."""
    waiting = line()
    old = place("a old", since=1.0)
    waiting.join(old)
    waiting.join(place("a other", owner="bob", since=2.0))
    assert waiting.join(place("a new", since=3.0)) == [old]
    assert [each.job for each in waiting.take(9)] == ["a new", "a other"]


def test_a_final_window_makes_its_speakers_interim_one_stale() -> None:
    """Nobody needs it any more; a speculation does not wait for it either."""
    for rank in (Rank.FINAL, Rank.SPECULATION):
        waiting = line()
        old = place("a old")
        waiting.join(old)
        assert waiting.join(place("a end", rank)) == [old]
        assert [each.job for each in waiting.take(9)] == ["a end"]


def test_finals_and_speculation_never_become_stale() -> None:
    """Somebody waits for each of them."""
    waiting = line()
    for rank in (Rank.FINAL, Rank.SPECULATION, Rank.INTERIM):
        assert waiting.join(place(rank=rank)) == []
    assert len(waiting) == 3


def test_only_windows_that_fit_go_together() -> None:
    """The first in the line says which; the others stay."""
    waiting = line()
    for number, job in enumerate(("a1", "b1", "a2")):
        waiting.join(place(job, owner=job, since=number))
    assert [each.job for each in waiting.take(9)] == ["a1", "a2"]
    assert [each.job for each in waiting.take(9)] == ["b1"]


def test_a_batch_begins_when_it_is_full_or_its_first_has_waited_long_enough() -> None:
    """With nothing in the line, never."""
    waiting = line()
    assert waiting.due(2) is None
    waiting.join(place("a1", owner="ann", since=1.0))
    assert waiting.due(2) == 1.0 + WAIT_S
    waiting.join(place("a2", owner="bob", since=1.01))
    assert waiting.due(2) == 1.0


def test_who_leaves_is_gone() -> None:
    """Twice is harmless."""
    waiting, here = line(), place()
    waiting.join(here)
    waiting.leave(here)
    waiting.leave(here)
    assert waiting.due(1) is None


arrivals = st.lists(
    st.tuples(st.sampled_from(list(Rank)), st.sampled_from("abc"), st.sampled_from("xy"), st.floats(0, 0.05)),
    max_size=30,
)


@settings(max_examples=50)
@given(arrivals, st.integers(1, 8))
def test_nobody_waits_longer_than_allowed_for_others(came: list[tuple[Rank, str, str, float]], most: int) -> None:
    """With a model that is always free, each window goes or becomes stale within the wait; finals lead every batch."""
    waiting, now, left = line(), 0.0, set[int]()
    joined: dict[int, Place[str]] = {}

    def go(until: float) -> None:
        while (due := waiting.due(most)) is not None and due <= until:
            batch = waiting.take(most)
            assert batch
            assert [each.rank for each in batch] == sorted(each.rank for each in batch)
            assert len(batch) <= most
            for each in batch:
                assert max(due, each.since) - joined[id(each)].since <= WAIT_S + 1e-9
                left.add(id(each))

    for rank, owner, kind, pause in came:
        go(now + pause)
        now += pause
        new = place(kind, rank, owner, now)
        joined[id(new)] = new
        left |= {id(each) for each in waiting.join(new)}
    go(now + 1.0)
    assert left == set(joined)
