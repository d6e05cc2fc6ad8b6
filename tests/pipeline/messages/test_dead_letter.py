"""Dead letters as messages."""

from tests.pipeline.messages.test_codec import LETTER


def test_a_dead_letter_stands_where_its_original_stood() -> None:
    """Letters of one speaker keep their order."""
    assert (LETTER.key, LETTER.TOPIC) == ("k", "pipeline.dlq")
