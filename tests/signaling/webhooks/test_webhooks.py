"""Webhooks as a whole: every receiver is told, signed, and the end is bounded."""

import asyncio
import base64
import hashlib
import hmac
import time
from dataclasses import replace

import aiohttp
from prometheus_client import REGISTRY

from signaling.hosting.lifecycle import LifecycleEvent
from signaling.settings import SignalingSettings
from signaling.webhooks.settings import WebhookSettings
from signaling.webhooks.webhooks import Webhooks
from tests.fakes.door import served_door
from tests.signaling.conftest import Client
from tests.signaling.webhooks.conftest import KEY, Inbox, status
from tests.support.until import until


def started(room_id: str) -> LifecycleEvent:
    return LifecycleEvent(kind="room_started", room_id=room_id, at_ms=7)


async def test_an_event_arrives_signed(inbox: Inbox, settings: WebhookSettings) -> None:
    """By a computation that is none of ours."""
    webhooks = Webhooks(settings)
    async with webhooks.open():
        webhooks.tell(started("demo"))
        await until(lambda: len(inbox.posts) == 1)
    [post] = inbox.posts
    assert post.event["type"] == "room_started"
    assert post.event["id"] == post.headers["webhook-id"]
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    assert post.headers["webhook-signature"] == "v1," + base64.b64encode(
        hmac.new(KEY, signed, hashlib.sha256).digest()
    ).decode("ascii")


async def test_a_dead_receiver_holds_up_no_other(inbox: Inbox, settings: WebhookSettings) -> None:
    """Each has its own queue."""
    webhooks = Webhooks(replace(settings, urls=("http://127.0.0.1:1/", inbox.url), flush_s=0.5))
    async with webhooks.open():
        for number in range(5):
            webhooks.tell(started(f"room-{number}"))
        await until(lambda: len(inbox.posts) == 5)
    assert inbox.rooms() == [f"room-{number}" for number in range(5)]


async def test_what_waits_at_the_end_is_still_delivered(inbox: Inbox, settings: WebhookSettings) -> None:
    """That a room ended because the server did is told as well."""
    webhooks = Webhooks(settings)
    async with webhooks.open():
        for number in range(20):
            webhooks.tell(started(f"room-{number}"))
    assert len(inbox.posts) == 20


async def test_the_end_is_bounded(inbox: Inbox, settings: WebhookSettings) -> None:
    """A receiver that takes its time does not keep the server from stopping; what it missed is counted."""
    inbox.go.clear()
    webhooks = Webhooks(replace(settings, timeout_s=30, flush_s=0.1))
    before = REGISTRY.get_sample_value("parley_webhook_events_total", {"outcome": "stopped"}) or 0.0
    async with webhooks.open():
        for _ in range(3):
            webhooks.tell(started("demo"))
        await until(lambda: len(inbox.posts) == 1)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert REGISTRY.get_sample_value("parley_webhook_events_total", {"outcome": "stopped"}) == before + 3


async def test_without_receivers_nothing_happens() -> None:
    """No task, no queue."""
    webhooks = Webhooks(WebhookSettings())
    async with webhooks.open():
        tasks = len(asyncio.all_tasks())
        webhooks.tell(started("demo"))
        assert len(asyncio.all_tasks()) == tasks


async def test_both_secrets_sign_while_they_change(inbox: Inbox, settings: WebhookSettings) -> None:
    """A receiver that still has the old one, or has the new one already, can check."""
    old = "whsec_" + base64.b64encode(b"o" * 32).decode()
    webhooks = Webhooks(replace(settings, previous_secret=old))
    inbox.answers = [status(200)]
    async with webhooks.open():
        webhooks.tell(started("demo"))
    assert len(inbox.posts[0].headers["webhook-signature"].split()) == 2


async def test_a_visit_is_told_from_beginning_to_end(inbox: Inbox, settings: WebhookSettings) -> None:
    """Also that it ended because the server did; ids, and not a name."""
    async with served_door(SignalingSettings(webhooks=settings)) as door, aiohttp.ClientSession() as http:
        params = {"token": door.token("demo", "ada")}
        async with http.ws_connect(f"{door.url}/ws/signaling/demo", params=params) as socket:
            ada = Client(socket)
            await ada.join("Ada-the-name")
            await until(lambda: len(inbox.posts) == 2)
    told = [(post.event["type"], post.event["data"].get("participant_id")) for post in inbox.posts]
    assert told == [
        ("room_started", None),
        ("participant_joined", "ada"),
        ("participant_left", "ada"),
        ("room_ended", None),
    ]
    assert "Ada-the-name" not in str(inbox.posts)
