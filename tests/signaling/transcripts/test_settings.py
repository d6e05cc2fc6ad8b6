"""What transcripts may be set to."""

import pytest

from signaling.transcripts.settings import TranscriptSettings


@pytest.mark.parametrize(
    "wrong", [{"retention_days": -1}, {"linger_s": -1}, {"sync_s": 0}, {"most_texts": 0}, {"most_waiting": 0}]
)
def test_what_cannot_work_is_refused_by_name(wrong: dict[str, float]) -> None:
    """Whoever sets it is told what."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TranscriptSettings(**wrong)  # type: ignore[arg-type]
