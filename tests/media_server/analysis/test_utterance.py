"""An open utterance: chunks, and where it can be split."""

from media_server.analysis.utterance import Utterance


def frame(value: int) -> bytes:
    return bytes([value, 0]) * 320


def filled(levels: list[float]) -> Utterance:
    utterance = Utterance(at_ms=1000)
    for index, level in enumerate(levels):
        utterance.add(frame(index), level)
    utterance.speech_end_ms = utterance.length_ms
    return utterance


def test_it_gives_whole_chunks() -> None:
    """What does not fill a chunk stays, and says where it begins once it is given."""
    utterance = filled([-20] * 6)
    assert [(sound.start_ms, len(sound.pcm)) for sound in utterance.give(50)] == [(0, 1600), (50, 1600)]
    assert [(sound.start_ms, len(sound.pcm)) for sound in utterance.give(50, everything=True)] == [(100, 640)]
    assert utterance.give(50, everything=True) == []


def test_it_is_split_behind_its_quietest_frame() -> None:
    """Both parts together are the whole; the second one's time goes on exactly."""
    utterance = filled([-20, -50, -20, -40, -20])
    utterance.give(20)
    whole = filled([-20, -50, -20, -40, -20])
    rest = whole.split()
    assert (whole.length_ms, rest.at_ms, rest.length_ms) == (40, 1040, 60)
    pieces = whole.give(20, everything=True) + rest.give(20, everything=True)
    assert b"".join(piece.pcm for piece in pieces) == b"".join(frame(i) for i in range(5))


def test_it_is_split_only_where_nothing_was_given_out() -> None:
    """A quieter place that was given out already is no place to cut."""
    utterance = filled([-20, -90])
    utterance.give(20)
    for level in (-30, -40, -20):
        utterance.add(frame(9), level)
    assert utterance.split().at_ms == 1000 + 80


def test_a_split_with_nothing_held_leaves_an_empty_rest() -> None:
    """The next utterance begins with the next frame."""
    utterance = filled([-20] * 5)
    utterance.give(100)
    rest = utterance.split()
    assert (rest.at_ms, rest.length_ms, utterance.length_ms) == (1100, 0, 100)
