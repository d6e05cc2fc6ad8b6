"""Settings of webhooks: what cannot work is said at the start."""

from typing import Any

import pytest

from signaling.webhooks.settings import WebhookSettings
from tests.signaling.webhooks.conftest import SECRET


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"urls": ("ftp://example.org",)}, "like https://"),
        ({"urls": ("example.org/hook",)}, "like https://"),
        ({"urls": ("http://[::1",)}, "like https://"),
        ({"urls": ("http://example.org:port/",)}, "like https://"),
        ({"urls": ("https://ada:secret@example.org/",)}, "no user name or password"),
        ({"urls": ("https://example.org/",), "secret": ""}, "need a secret"),
        ({"urls": ("https://example.org/",) * 17}, "at most 16"),
        ({"secret": "whsec_short"}, "random bytes in base64"),
        ({"previous_secret": "a" * 40}, "random bytes in base64"),
        ({"first_retry_s": 0.0}, "first_retry_s"),
        ({"first_retry_s": 90.0}, "first_retry_s"),
        ({"queue_size": 0}, "queue_size"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, Any], words: str) -> None:
    """The message says what to do, and holds no secret."""
    with pytest.raises(ValueError, match=words) as refused:
        WebhookSettings(**{"secret": SECRET, **settings})
    assert "short" not in str(refused.value)


def test_secrets_are_not_shown() -> None:
    """Not even where settings are printed."""
    settings = WebhookSettings(urls=("https://example.org/",), secret=SECRET, previous_secret=SECRET)
    assert SECRET not in repr(settings)


def test_nobody_is_told_by_default() -> None:
    """Without a URL there is nothing to set."""
    assert WebhookSettings().urls == ()
