"""One stretch of speech."""

from media_server.utterance import Utterance, new_utterance_id


def test_ends_once_its_end_is_known() -> None:
    """It is open until the segmenter says when it ended."""
    utterance = Utterance(utterance_id="u", speaker_id="ann", number=1, started_at_ms=5)
    assert not utterance.ended
    utterance.ended_at_ms = 9
    assert utterance.ended


def test_ids_sort_by_time_and_differ() -> None:
    """A later utterance has a greater id, and two of the same millisecond have two."""
    assert new_utterance_id(1_800_000_000_000) < new_utterance_id(1_800_000_000_001)
    assert new_utterance_id(5) != new_utterance_id(5)
    assert set(new_utterance_id(5)) <= set("0123456789abcdef-")
