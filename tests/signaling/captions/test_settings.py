"""What captions may be set to."""

import pytest

from signaling.captions.settings import CaptionSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": -1},
        {"restored_for_s": -1},
        {"languages_per_room": -1},
        {"history_limit_s": 0},
        {"stream_heartbeat_s": 0},
    ],
)
def test_what_cannot_work_is_refused_by_name(wrong: dict[str, float]) -> None:
    """Whoever sets it is told what."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        CaptionSettings(**wrong)  # type: ignore[arg-type]


def test_off_is_a_value() -> None:
    """No captions for late joiners at all."""
    assert CaptionSettings(minutes=0).minutes == 0
