"""What can be set about nodes, and what cannot be."""

from dataclasses import replace
from typing import Any

import pytest

from signaling.nodes.settings import NodeSettings


def test_one_node_alone_needs_nothing() -> None:
    """The times are those of the design."""
    settings = NodeSettings()
    assert settings.redis_url == ""
    assert (settings.lease_ms, settings.renew_ms, settings.fence_ms) == (4_000, 1_000, 3_000)
    assert settings.hold_s > settings.lease_ms / 1_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"redis_url": "http://127.0.0.1"},
        {"url": "10.0.0.5:8080"},
        {"secret": "short"},
        {"prefix": "with space"},
        {"answer_ms": 0},
        {"answer_ms": 1_001},
        {"fence_ms": 4_000},
        {"fence_ms": 2_600},
        {"hold_s": -1.0},
        {"holds": 0},
        {"linger_s": -1.0},
        {"state_lifetime_s": 0},
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    """With words that name the setting."""
    with pytest.raises(ValueError, match=r"nodes\."):
        replace(NodeSettings(), **wrong)


def test_an_outage_is_shorter_than_what_a_lease_outlives() -> None:
    """Whoever served before it has time to renew after it, before the lease has gone."""
    settings = NodeSettings()
    assert settings.renew_ms < settings.gap_ms < settings.lease_ms - settings.renew_ms


def test_secrets_are_not_shown() -> None:
    """Not by `repr`: also that of a URL with a password."""
    assert "hush" not in repr(NodeSettings(redis_url="redis://:hush@127.0.0.1:6379"))
    assert "hush" not in repr(NodeSettings(redis_password="hush", secret="hush" * 8))  # noqa: S106
