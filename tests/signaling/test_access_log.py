"""One line a request, with nothing in it that is nobody's business."""

import asyncio
from typing import Any

import aiohttp
from structlog.testing import capture_logs
from structlog.typing import EventDict

from signaling.settings import SignalingSettings
from tests.fakes.door import served_door


async def lines_of(*paths: str, **settings: Any) -> list[EventDict]:
    """Give what is logged when these are asked for."""
    with capture_logs() as lines:
        async with served_door(SignalingSettings(**settings)) as door, aiohttp.ClientSession() as http:
            for path in paths:
                async with http.get(door.url + path):
                    pass
    return [line for line in lines if line["event"] == "request"]


async def test_a_line_has_the_route_and_not_the_query() -> None:
    """Tokens travel in queries; ids and made-up paths are not for logs either."""
    lines = await lines_of("/r/demo?token=SECRET", "/made/up/SECRET?token=SECRET", "/ws/signaling/demo?token=SECRET")
    assert [line["route"] for line in lines] == ["/r/{room_id}", "unmatched", "/ws/signaling/{room_id}"]
    assert [line["status"] for line in lines] == [200, 404, 400]
    assert "SECRET" not in str(lines)
    assert "127.0.0.1" not in str(lines)
    assert {line["log_level"] for line in lines} == {"info"}


async def test_a_request_that_is_not_http_has_its_line_too() -> None:
    """It was routed nowhere."""
    with capture_logs() as lines:
        async with served_door() as door:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: SECRET\r\n\r\n")
            assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
            await asyncio.wait_for(reader.read(), 5)
            writer.close()
            await writer.wait_closed()
    assert [(line["event"], line["route"], line["status"]) for line in lines] == [("request", "unmatched", 400)]


async def test_probes_and_files_are_quiet() -> None:
    """Machines ask every few seconds, and pages by the dozen."""
    lines = await lines_of("/healthz", "/readyz", "/metrics", "/assets/js/main.js")
    assert {line["log_level"] for line in lines} == {"debug"}


async def test_refusals_for_asking_too_often_are_quiet() -> None:
    """Whoever floods the door is not to flood the log."""
    lines = await lines_of(*["/api/v1/languages"] * 4, unlimited_addresses=(), request_burst=2, requests_per_second=0.1)
    assert [(line["status"], line["log_level"]) for line in lines] == [(200, "info")] * 2 + [(429, "debug")] * 2
