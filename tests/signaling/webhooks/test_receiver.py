"""One receiver: its queue, its order, its retries and its end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from signaling.webhooks.post import new_session, post
from signaling.webhooks.receiver import Receiver
from signaling.webhooks.settings import WebhookSettings
from signaling.webhooks.signature import is_signed
from tests.signaling.webhooks.conftest import SECRET, Inbox, status
from tests.support.until import until


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("parley_webhook_events_total", {"outcome": outcome}) or 0.0


def put(receiver: Receiver, *names: str) -> None:
    for name in names:
        receiver.put(f"evt_{name}", f'{{"data":{{"room_id":"{name}"}}}}'.encode())


@contextlib.asynccontextmanager
async def delivering(receiver: Receiver) -> AsyncIterator[None]:
    async with new_session(1, 0.2) as session:
        task = asyncio.create_task(receiver.deliver_all(session))
        try:
            yield
        finally:
            receiver.close()
            await asyncio.wait([task], timeout=5)
            assert task.done()


@pytest.fixture
def receiver(settings: WebhookSettings) -> Receiver:
    return Receiver(0, settings.urls[0], settings)


async def test_a_failing_receiver_gets_it_in_the_end(receiver: Receiver, inbox: Inbox) -> None:
    """Twice 500, then 200: the same event under the same id, signed anew each time."""
    inbox.answers = [status(500), status(503)]
    before = count("delivered")
    async with delivering(receiver):
        put(receiver, "demo")
        await until(lambda: count("delivered") == before + 1)
    assert [post.headers["webhook-id"] for post in inbox.posts] == ["evt_demo"] * 3
    assert all(is_signed(SECRET, post.headers, post.body, now_s=time.time()) for post in inbox.posts)


async def test_order_is_kept(receiver: Receiver, inbox: Inbox) -> None:
    """What comes later waits for what is being tried again."""
    inbox.answers = [status(500), b"", status(500)]
    async with delivering(receiver):
        put(receiver, "one", "two", "three")
        await until(lambda: len(inbox.posts) == 6)
    assert inbox.rooms() == ["one", "one", "one", "one", "two", "three"]


async def test_a_full_queue_drops_its_oldest(inbox: Inbox, settings: WebhookSettings) -> None:
    """What is being delivered stays; of what waits, the newest stay."""
    receiver = Receiver(0, inbox.url, replace(settings, queue_size=2, timeout_s=5))
    inbox.go.clear()
    before = count("dropped")
    async with new_session(1, 5) as session:
        task = asyncio.create_task(receiver.deliver_all(session))
        put(receiver, "one")
        await until(lambda: len(inbox.posts) == 1)
        put(receiver, "two", "three", "four", "five")
        inbox.go.set()
        await until(lambda: len(inbox.posts) == 3)
        receiver.close()
        await task
    assert inbox.rooms() == ["one", "four", "five"]
    assert count("dropped") == before + 2


async def test_410_ends_it(receiver: Receiver, inbox: Inbox) -> None:
    """Nothing more is posted, and nothing kept; the log says so, without the address."""
    inbox.answers = [status(410)]
    before = count("refused")
    with capture_logs() as lines:
        async with delivering(receiver):
            put(receiver, "one", "two")
            await until(lambda: receiver.gone)
            put(receiver, "three")
            await until(lambda: count("refused") == before + 3)
    assert inbox.rooms() == ["one"]
    assert [line["event"] for line in lines] == ["webhook_failing", "webhook_gone"]
    assert "127.0.0.1" not in str(lines)


async def test_an_event_grows_too_old(inbox: Inbox, settings: WebhookSettings) -> None:
    """It is dropped, and so is what waited behind it for too long; what comes then is delivered."""
    receiver = Receiver(0, inbox.url, replace(settings, max_age_s=0.1))
    inbox.answers = [status(500)] * 100
    before = count("expired")
    async with delivering(receiver):
        put(receiver, "one", "two")
        await until(lambda: count("expired") == before + 2)
        inbox.answers.clear()
        put(receiver, "three")
        await until(lambda: inbox.rooms()[-1] == "three")


async def test_what_waited_for_too_long_is_not_tried_at_all(inbox: Inbox, settings: WebhookSettings) -> None:
    """A receiver that comes back is not flooded with what is of no use any more."""
    receiver = Receiver(0, inbox.url, replace(settings, max_age_s=0.05))
    put(receiver, "one")
    await asyncio.sleep(0.06)
    put(receiver, "two")
    async with delivering(receiver):
        await until(lambda: len(inbox.posts) == 1)
    assert inbox.rooms() == ["two"]


async def test_a_pause_that_is_asked_for_is_kept(inbox: Inbox, settings: WebhookSettings) -> None:
    """Retry-After counts more than the backoff, up to the longest pause."""
    receiver = Receiver(0, inbox.url, replace(settings, longest_retry_s=0.15))
    inbox.answers = [status(429, "Retry-After: 100")]
    began = time.monotonic()
    async with delivering(receiver):
        put(receiver, "one")
        await until(lambda: len(inbox.posts) == 2)
    assert 0.15 <= time.monotonic() - began < 2


async def test_the_end_does_not_wait_for_a_pause(inbox: Inbox, settings: WebhookSettings) -> None:
    """Everything that waits gets one more attempt, at once."""
    receiver = Receiver(0, inbox.url, replace(settings, first_retry_s=30.0, longest_retry_s=60.0))
    inbox.answers = [status(500), status(500)]
    before = count("delivered"), count("stopped")
    async with delivering(receiver):
        put(receiver, "one", "two")
        await until(lambda: len(inbox.posts) == 1)
    assert inbox.rooms() == ["one", "one", "two"]
    assert (count("delivered"), count("stopped")) == (before[0] + 1, before[1] + 1)


async def test_a_fault_of_ours_costs_one_event(
    receiver: Receiver, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, and the next event is delivered."""
    calls = 0

    async def broken(*args: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("a fault")
        return await post(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("signaling.webhooks.receiver.post", broken)
    with capture_logs() as lines:
        async with delivering(receiver):
            put(receiver, "one", "two")
            await until(lambda: len(inbox.posts) == 1)
    assert inbox.rooms() == ["two"]
    assert "webhook_broke" in {line["event"] for line in lines}
