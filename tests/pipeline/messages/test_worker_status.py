"""Workers' reports."""

from tests.pipeline.messages.test_codec import STATUS


def test_the_newest_report_of_each_worker_counts() -> None:
    """The key is the worker."""
    assert (STATUS.key, STATUS.TOPIC) == ("w", "pipeline.status")
