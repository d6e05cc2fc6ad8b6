"""What can be set about webhooks."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from signaling.webhooks.signature import PREFIX, key_of

# Each has a queue and a task of its own.
_MOST_URLS = 16


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Who is told what happens to rooms and participants, and how hard it is tried."""

    # Where each event is posted, `https://...`. Only the operator says so: nothing that comes through the door does.
    # Empty: nobody is told. Whoever sees the settings sees them, so they are no place for passwords.
    urls: tuple[str, ...] = ()
    # With which events are signed: `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks has it.
    secret: str = field(default="", repr=False)
    # The secret of before, while receivers change over: events are signed with both. Empty: none.
    previous_secret: str = field(default="", repr=False)
    # Seconds in which a receiver must have answered.
    timeout_s: float = 10.0
    # Pause before an event is posted again, in seconds: the first, and the longest. It doubles each time.
    first_retry_s: float = 1.0
    longest_retry_s: float = 60.0
    # An event that could not be delivered for so long is dropped, in seconds.
    max_age_s: float = 3_600.0
    # Events that may wait for one receiver, about 500 bytes each. When full, the oldest goes.
    queue_size: int = 1_000
    # Seconds in which what still waits is delivered when the server stops; the rest is dropped.
    flush_s: float = 3.0

    def __post_init__(self) -> None:
        if len(self.urls) > _MOST_URLS:
            raise ValueError(f"urls has {len(self.urls)} addresses, but at most {_MOST_URLS} are told")
        for url in self.urls:
            _check(url)
        for secret in filter(None, (self.secret, self.previous_secret)):
            key_of(secret)
        if self.urls and not self.secret:
            raise ValueError(
                "urls need a secret, with which receivers see that an event is from here: "
                f"write {PREFIX} and what `openssl rand -base64 32` prints"
            )
        if not 0 < self.first_retry_s <= self.longest_retry_s:
            raise ValueError("first_retry_s must be more than 0, and at most longest_retry_s")
        if self.queue_size < 1:
            raise ValueError("queue_size must be at least 1")


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise ValueError("urls must be like https://example.org/parley; one of them is not")
    if "@" in parts.netloc:
        raise ValueError("urls must hold no user name or password: the signature proves who sends")
