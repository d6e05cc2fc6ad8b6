"""What hostile clients leave in the log: nothing that they wrote, no line of theirs, nobody's address or token."""

import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import structlog

from parley import logs
from parley.settings import LogSettings
from signaling.settings import SignalingSettings
from tests.fakes.door import ServedDoor, served_door
from tests.fakes.said import transcript, translation

# An address of this machine that is not the server's own.
ELSEWHERE = "127.0.0.9"
# In everything that is sent, so that it can be found wherever it got to.
MARK = "Zaubernuss"
FORGED = '\n2026-01-01T00:00:00Z error    forged room_id=x\r\n\u2028\u2029{"event": "forged"}'
HOSTILE = [
    f"{MARK}{FORGED}",
    f"{MARK}\x1b[2J\u202e",
    f"{MARK}%s%n{{}}",
    f"{MARK}<script>",
    f"a@{MARK}.example 192.0.2.77",
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Let everything that is logged at info be written here, as a server writes it."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in logs._TALKATIVE}
    logs.configure(LogSettings(level="info", format="text", ids="hashed"), stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.configure(**configuration)


@pytest.fixture
async def door() -> AsyncIterator[ServedDoor]:
    async with served_door(SignalingSettings(strikes=1_000)) as served:
        yield served


async def visit(door: ServedDoor, http: aiohttp.ClientSession, text: str, who: str) -> list[str]:
    """Do everything wrong that can be done with a token; give the tokens that were in play."""
    tokens = [door.token("demo", who)]
    headers = {"Sec-WebSocket-Protocol": MARK, "User-Agent": MARK}
    async with http.ws_connect(f"{door.url}/ws/signaling/demo", params={"token": tokens[0]}, headers=headers) as socket:
        join = {"type": "join", "name": text, "speaking_language": "en", "listening_language": "es"}
        for message in (
            {**join, "speaking_language": text},
            {**join, text: text},
            {"type": text},
            join,  # too long, some of them
            {**join, "name": text[:40]},
            {"type": "offer", "sdp": f"v=0 {text}"},
            {"type": "offer", "sdp": f"v=0\r\no={text}\r\nc=IN IP4 192.0.2.77\r\n{text}"},
            {"type": "candidate", "candidate": {"candidate": f"candidate:{text} 192.0.2.77"}},
            {"type": "set_languages", "listening_language": text},
        ):
            await socket.send_str(json.dumps(message))
        await socket.send_bytes(text.encode())
        await socket.send_str(text)
        while True:
            told = await socket.receive_json(timeout=5)
            if told["type"] == "joined":
                tokens.append(told["resume_token"])
                break
        participant = door.rooms.open("demo").participants[who]
        participant.breaks = ValueError("broken on purpose: 192.0.2.77\nforged line")
        await socket.send_str(json.dumps({"type": "offer", "sdp": "v=0"}))
        while (await socket.receive_json(timeout=5)).get("code") != "failed":
            pass
        door.door.feed.take(transcript(text, user_id=who, utterance=f"{who}-1"))
        door.door.feed.take(translation(text, text, user_id=who, utterance=f"{who}-1"))
    return tokens


async def test_a_hostile_visit_leaves_no_word_in_the_log(log: io.StringIO, door: ServedDoor) -> None:
    """Names, texts, ids, paths, headers, bodies, SDP: each line that there is was written by this server alone."""
    tokens = []
    connector = aiohttp.TCPConnector(local_addr=(ELSEWHERE, 0))
    async with aiohttp.ClientSession(connector=connector) as http:
        for number, text in enumerate(HOSTILE):
            tokens += await visit(door, http, text, f"{MARK}-{number}")
            for path in (f"/{MARK}", f"/r/{MARK}%0a", f"/?token={MARK}", f"/api/v1/rooms/{MARK}", f"/assets/{MARK}"):
                async with http.get(door.url + path, headers={"Authorization": f"Bearer {MARK}"}):
                    pass
            async with http.post(f"{door.url}/api/v1/dev-token", json={"room_id": text}):
                pass
            async with http.request(MARK.upper(), door.url):
                pass
            async with http.ws_connect(f"{door.url}/ws/captions/demo", params={"token": f"{MARK}.{number}"}):
                pass
    said = log.getvalue()
    lines = said.splitlines()
    assert len(lines) > 30
    written = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (info|warning|error) +[a-z_]+( |$)")
    assert [line for line in lines if not written.match(line) and not line.startswith("    ")] == []
    for forbidden in (MARK, "error    forged", ELSEWHERE, "192.0.2.77", "\x1b", "\u202e", *tokens):
        assert forbidden not in said, [line for line in lines if forbidden in line][:3]
    assert not re.search(r"eyJ\w", said)
    assert MARK.upper() not in said
    assert "message_failed" in said
    assert re.search(r"participant_id=#[0-9a-f]{12}\b", said)


async def test_no_line_is_written_for_each_message_or_packet(log: io.StringIO, door: ServedDoor) -> None:
    """A hundred more messages and captions, and not one more line."""
    async with aiohttp.ClientSession() as http:
        token = {"token": door.token("demo", "ada")}
        async with http.ws_connect(f"{door.url}/ws/signaling/demo", params=token) as socket:
            join = {"type": "join", "name": "Ada", "speaking_language": "en", "listening_language": "es"}
            await socket.send_str(json.dumps(join))
            assert (await socket.receive_json(timeout=5))["type"] == "joined"
            before = log.getvalue()
            for number in range(50):
                await socket.send_str('{"type": "ping"}')
                door.door.feed.take(transcript("words", utterance=f"u{number}", user_id="ada"))
            told = [await socket.receive_json(timeout=5) for _ in range(100)]
            assert {message["type"] for message in told} == {"pong", "caption"}
            assert log.getvalue() == before
