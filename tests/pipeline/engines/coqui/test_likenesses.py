"""Speakers' own voices, in memory."""

from pipeline.engines.coqui.likenesses import Likenesses


def test_each_is_made_once() -> None:
    """Until the speaker is recorded anew."""
    made: list[bytes] = []

    def make(reference: bytes) -> int:
        made.append(reference)
        return len(made)

    kept = Likenesses(2)
    given = [kept.of("anna", sound, make) for sound in (b"a", b"a", b"b", b"b")]
    assert (given, made) == ([1, 1, 2, 2], [b"a", b"b"])


def test_only_so_many_are_kept() -> None:
    """The one unused for longest goes."""
    kept = Likenesses(2)
    for seed in ("anna", "ben", "anna", "carla"):
        kept.of(seed, b"sound", lambda _, made=seed: made)  # type: ignore[misc]
    assert len(kept) == 2
    assert kept.of("ben", b"sound", lambda _: "made again") == "made again"
    assert kept.of("carla", b"sound", lambda _: "made again") == "carla"


def test_it_forgets() -> None:
    """One, twice, or all; and nothing of the sound was kept."""
    kept = Likenesses(4)
    for seed in ("anna", "ben"):
        kept.of(seed, b"the sound itself", lambda _: "likeness")
    assert b"the sound itself" not in repr(vars(kept)).encode()
    kept.forget("anna")
    kept.forget("anna")
    assert len(kept) == 1
    kept.clear()
    assert len(kept) == 0
