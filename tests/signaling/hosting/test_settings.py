"""What can be set about rooms."""

import pytest

from signaling.hosting.settings import HostingSettings
from signaling.settings import SignalingSettings


@pytest.mark.parametrize(
    "wrong", [{"max_participants": -1}, {"lobby_size": 0}, {"state_lifetime_s": -1.0}, {"states_kept": 0}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    """Bounds are bounds."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        HostingSettings(**wrong)  # type: ignore[arg-type]


def test_nobody_waits_unless_it_is_set() -> None:
    """By default whoever has a token comes in, into a room that need not exist."""
    hosting = SignalingSettings().hosting
    assert (hosting.lobby_by_default, hosting.rooms_must_exist) == (False, False)
