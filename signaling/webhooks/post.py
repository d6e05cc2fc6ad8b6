"""One attempt to deliver one event."""

from dataclasses import dataclass

import aiohttp
from prometheus_client import Counter

ATTEMPTS = Counter("parley_webhook_attempts_total", "Posts of events to receivers, by what came of them", ["result"])

# A Retry-After in seconds has no more digits than this; dates are not read.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt."""

    # The receiver's status; None if none came.
    status: int | None
    # `2xx` to `5xx`, `timeout` or `connection`.
    result: str
    # For how long the receiver wants to be left alone, in seconds.
    retry_after_s: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the receiver has the event."""
        return self.result == "2xx"

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more events, ever (410)."""
        return self.status == 410


def new_session(receivers: int, timeout_s: float) -> aiohttp.ClientSession:
    """Give a session for webhooks: it keeps no cookies, unpacks nothing, and asks no proxy of the environment."""
    return aiohttp.ClientSession(
        # Events are rare: a connection kept open is mostly closed by the receiver when it is used again, which costs
        # an attempt, and when the server stops there is only one.
        connector=aiohttp.TCPConnector(limit=receivers, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        auto_decompress=False,
        headers={"Content-Type": "application/json", "User-Agent": "Parley-Webhooks"},
    )


async def post(session: aiohttp.ClientSession, url: str, headers: dict[str, str], body: bytes) -> Answer:
    """Post a body once. What the receiver answers beyond its status is not read, redirects are not followed.

    Whatever goes wrong on the way is an Answer as well. Cancelling closes the connection.
    """
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            answer = Answer(response.status, f"{response.status // 100}xx", _retry_after_s(response))
    except TimeoutError:
        answer = Answer(None, "timeout")
    except (aiohttp.ClientError, OSError, ValueError):
        answer = Answer(None, "connection")
    ATTEMPTS.labels(answer.result).inc()
    return answer


def _retry_after_s(response: aiohttp.ClientResponse) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0.0
