"""Where a request is answered: here, on another node, or nowhere now."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from unittest import mock

import aiohttp
import pytest

from signaling.nodes.proof import HEADER, Passed, node_key, prove
from signaling.nodes.store import Barred
from tests.signaling.nodes.conftest import NewNode, TwoNodes
from tests.signaling.nodes.standing import API_KEY, SECRET, StandingNode, cut_off
from tests.support.redis_server import RedisServer
from tests.support.until import until

KEY = {"X-Api-Key": API_KEY}


@contextlib.contextmanager
def counting(node: StandingNode) -> Iterator[list[str]]:
    """Write down which limited requests reach a node's door, and from whom it takes them to be."""
    seen: list[str] = []
    crowd = node.door.crowd
    wait_s = crowd.wait_s

    def note(request):  # type: ignore[no-untyped-def]
        seen.append(str(crowd.addresses.client_of(request)))
        return wait_s(request)

    with mock.patch.object(crowd, "wait_s", note):
        yield seen


async def test_who_comes_by_another_node_is_in_the_same_room(two_nodes: TwoNodes) -> None:
    """One node has the room; the other passes frames on, both ways."""
    one, two = two_nodes
    ann = await one.join("demo", "ann")
    ben = await two.join("demo", "ben")
    assert (await ann.next("participant_joined"))["participant"]["participant_id"] == "ben"
    assert [one.serves("demo"), two.serves("demo")] == [True, False]
    await ben.send("ping")
    await ben.next("pong")
    await ben.send("leave")
    assert await ben.closed() == 1000
    assert (await ann.next("participant_left"))["reason"] == "left"


async def test_who_is_lost_by_another_node_keeps_their_place(two_nodes: TwoNodes) -> None:
    """As with a socket to the owner itself."""
    one, two = two_nodes
    ann = await one.join("demo", "ann")
    ben = await two.join("demo", "ben")
    transport = ben.connection._writer.transport
    assert transport is not None
    transport.abort()
    gone = await ann.next("participant_updated")
    assert (gone["participant"]["participant_id"], gone["participant"]["away"]) == ("ben", True)


async def test_a_bad_token_reaches_no_other_node(two_nodes: TwoNodes) -> None:
    """It is refused where it was shown, with 4001; so is a request without a key, with 401."""
    one, two = two_nodes
    await one.join("demo", "ann")
    with counting(one) as seen:
        for token in ("bad", one.door.tokens.issue("other")):
            socket = await two.socket("demo", token=token)
            assert await socket.closed() == 4001
        for headers in ({}, {"X-Api-Key": "x" * 40}, {"Authorization": "Bearer bad"}):
            async with two.http.get(f"{two.url}/api/v1/rooms/demo", headers=headers) as answer:
                assert answer.status in (401, 403)
        headers = {"Origin": "https://elsewhere.example.org"}
        params = {"token": two.door.tokens.issue("demo")}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await two.http.ws_connect(f"{two.url}/ws/signaling/demo", params=params, headers=headers)
    assert seen == []


async def test_rest_is_answered_by_the_rooms_node(two_nodes: TwoNodes) -> None:
    """Whoever is asked; changes take effect there."""
    one, two = two_nodes
    ann = await one.join("demo", "ann")
    async with two.http.get(f"{two.url}/api/v1/rooms/demo/participants", headers=KEY) as answer:
        assert answer.status == 200, await answer.text()
        assert "ann" in await answer.text()
    async with two.http.patch(f"{two.url}/api/v1/rooms/demo", headers=KEY, json={"locked": True}) as answer:
        assert answer.status == 200, await answer.text()
    assert one.door.states.of("demo").locked
    assert (await ann.next("room"))["room"]["locked"] is True


async def test_a_new_room_goes_to_the_least_loaded_node(two_nodes: TwoNodes) -> None:
    """Wherever it is asked for; among equals it stays where it was asked for."""
    one, two = two_nodes
    await one.join("busy", "ann")
    await one.join("busy", "ben")
    await until(lambda: any(node.people == 2 for node in two.nodes.known()))
    await until(lambda: any(node.people == 2 for node in one.nodes.known()))
    await one.join("new", "cat")
    assert [one.serves("new"), two.serves("new")] == [False, True]


async def test_a_draining_node_gets_no_new_rooms(two_nodes: TwoNodes) -> None:
    """Those who come to it are passed on; the rooms that it has stay."""
    one, two = two_nodes
    await one.join("old", "ann")
    one.door.health.drain()
    await until(lambda: any(node.draining for node in two.nodes.known()))
    await until(lambda: any(node.draining for node in one.nodes.known()))
    await one.join("new", "ben")
    assert two.serves("new")
    assert one.serves("old")


async def test_the_clients_address_goes_along(new_node: NewNode) -> None:
    """For the limits; an address that somebody else claims to pass on does not count."""
    async with new_node("one") as one, new_node("two", door={"trusted_proxies": ("127.0.0.1",)}) as two:
        await until(lambda: len(two.nodes.known()) == len(one.nodes.known()) == 2)
        await one.join("demo", "ann")
        with counting(one) as seen:
            headers = {**KEY, "X-Forwarded-For": "203.0.113.9"}
            await (await two.http.get(f"{two.url}/api/v1/rooms/demo", headers=headers)).read()
            forged = {**KEY, HEADER: "two-1f;1700000000.0;203.0.113.7;" + "0" * 64}
            await (await one.http.get(f"{one.url}/api/v1/rooms/demo", headers=forged)).read()
        assert seen == ["203.0.113.9", "127.0.0.1"]


async def test_nobody_can_pretend_to_be_a_node(two_nodes: TwoNodes) -> None:
    """A forged header is no header: the request is passed on as anybody's, without it."""
    one, two = two_nodes
    await one.join("demo", "ann")
    path = "/api/v1/rooms/demo"
    forged = prove(b"another key" * 4, Passed("two", time.time(), "203.0.113.7"), "GET", path)
    async with two.http.get(two.url + path, headers={**KEY, HEADER: forged}) as answer:
        assert answer.status == 200


async def test_what_was_passed_on_is_not_passed_on_again(two_nodes: TwoNodes) -> None:
    """A node that has not the room says so, and whoever asked looks again."""
    one, two = two_nodes
    await one.join("demo", "ann")
    path = "/api/v1/rooms/demo"
    proof = prove(node_key("", SECRET), Passed("three", time.time(), ""), "GET", path)
    async with two.http.get(two.url + path, headers={**KEY, HEADER: proof}) as answer:
        assert answer.status == 421


@pytest.mark.journey
async def test_redis_out_of_reach_stops_new_rooms_only(redis: RedisServer, two_nodes: TwoNodes) -> None:
    """Rooms go on, and can be entered by every node that has seen them; others answer 503, sockets 4503."""
    one, two = two_nodes
    ann = await one.join("demo", "ann")
    await two.join("demo", "ben")
    redis.kill()
    try:
        await until(lambda: not one.nodes.reached and not two.nodes.reached)
        cat = await two.join("demo", "cat")
        await ann.next("participant_joined")
        socket = await two.socket("other")
        assert await socket.closed() == 4503
        async with two.http.get(f"{two.url}/api/v1/rooms/other", headers=KEY) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
            assert (await answer.json())["error"]["code"] == "try_again"
        await asyncio.sleep(1.0)
        assert one.serves("demo")
        await cat.send("ping")
        await cat.next("pong")
    finally:
        await redis.start()
    await until(lambda: one.nodes.reached and two.nodes.reached)
    await two.join("other", "dan")
    assert one.serves("demo")


@pytest.mark.journey
async def test_a_lost_room_sends_everybody_to_the_next_node(two_nodes: TwoNodes) -> None:
    """With 4307, by whichever node and socket they came; and there they are taken as soon as the lease is over."""
    one, two = two_nodes
    ann = await one.join("demo", "ann")
    ben = await two.join("demo", "ben")
    reader = await two.socket("demo", "cat", kind="captions")
    with cut_off(one):
        assert [await socket.closed() for socket in (ann, ben, reader)] == [4307] * 3
        assert one.rooms.get("demo") is None
        assert not one.door.presences
        again = await two.join("demo", "ann")
    assert two.serves("demo")
    assert again.told[-1]["participant_id"] == "ann"


async def test_not_everybody_waits(new_node: NewNode) -> None:
    """When as many wait as may, the next one is told at once to come again; so is who has waited for long."""
    async with new_node("one", holds=1, hold_s=0.9) as one:
        with mock.patch.object(one.nodes.tenancy, "take", mock.AsyncMock(return_value=Barred(1.0))):
            first = asyncio.create_task(one.socket("demo"))
            await asyncio.sleep(0.1)
            began = time.monotonic()
            second = await one.socket("demo")
            assert await second.closed() == 4503
            assert time.monotonic() - began < 0.5
            assert await (await first).closed() == 4503


async def test_pages_and_probes_are_every_nodes_own(two_nodes: TwoNodes) -> None:
    """They are about no room, though its name is in the page's path."""
    one, two = two_nodes
    await one.join("demo", "ann")
    with mock.patch("signaling.nodes.gate.forward", side_effect=AssertionError):
        for path in ("/r/demo", "/healthz", "/api/v1/languages", "/"):
            async with two.http.get(two.url + path) as answer:
                assert answer.status == 200
