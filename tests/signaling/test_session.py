"""One socket, one participant: from join to leave."""

import asyncio
import json

import aiohttp
import pytest

from media_server.events import Notice, SlotChanged
from signaling import admission
from signaling.protocol import Close
from signaling.settings import IceServer
from tests.fakes.said import transcript, translation
from tests.signaling.conftest import ROOM, House, OpenHouse
from tests.support.until import until


async def gone(house: House, room_id: str = ROOM) -> None:
    """Wait until a room is empty."""
    await until(lambda: house.rooms.get(room_id) is None)


async def write_on(writer: asyncio.StreamWriter) -> None:
    """Write for half a second, or until the other end is gone."""
    for _ in range(50):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


# Joining.


async def test_joining(open_house: OpenHouse) -> None:
    """`joined` says who I am, who is here, how to connect and how to come back."""
    house = await open_house(ice_servers=(IceServer(urls=("stun:192.0.2.1",)),))
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join("Ada", "en", "en")
        joined = await bea.join(" Bea\u202e ", "auto", "ES-mx", original="low")
        assert joined["participant_id"] == "bea"
        assert [(p["participant_id"], p["name"]) for p in joined["participants"]] == [("ada", "Ada"), ("bea", "Bea")]
        assert joined["ice_servers"] == [{"urls": ["stun:192.0.2.1"]}]
        assert house.door.tokens.verify(joined["resume_token"], ROOM).participant_id == "bea"
        assert (await ada.next("participant_joined"))["participant"]["listening_language"] == "es-MX"
        participant = house.participant("bea")
        assert (participant.info.speaking_language, participant.original) == ("auto", "low")


async def test_joined_comes_first(house: House) -> None:
    """Nothing that a room says comes before I have been told that I am in."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.send("join", name="Bea", speaking_language="en", listening_language="en")
        assert (await bea.next())["type"] == "joined"


async def test_nothing_else_comes_before_join(house: House) -> None:
    """A message too early is refused, and join still works after it."""
    async with house.client() as ada:
        await ada.send("mute", muted=True)
        assert await ada.error() == ("join_first", "mute")
        assert (await ada.join())["type"] == "joined"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"listening_language": "klingonese"}, "unknown_language"),
        ({"speaking_language": ""}, "unknown_language"),
        ({"listening_language": "auto"}, "unknown_language"),
        ({"name": "\u202e"}, "bad_name"),
        ({"name": "a" * 100}, "bad_name"),
    ],
)
async def test_a_join_that_cannot_be_is_told_why(house: House, wrong: dict[str, str], code: str) -> None:
    """Nobody joins, no room is left behind, and the next try may work."""
    good = {"name": "Ada", "speaking_language": "en", "listening_language": "en"}
    async with house.client() as ada:
        await ada.send("join", **{**good, **wrong})
        failed = await ada.next("error")
        assert (failed["code"], failed["in_reply_to"]) == (code, "join")
        assert house.rooms.get(ROOM) is None
        await ada.send("join", **good)
        assert (await ada.next())["type"] == "joined"


async def test_joining_once_is_enough(house: House) -> None:
    """A second join on the same socket is refused."""
    async with house.client() as ada:
        await ada.join()
        await ada.send("join", name="Ada", speaking_language="en", listening_language="en")
        assert await ada.error() == ("already_joined", "join")


async def test_who_does_not_join_in_time_is_sent_away(open_house: OpenHouse) -> None:
    """An open socket without a participant does not stay."""
    house = await open_house(join_deadline_s=0.05)
    async with house.client() as ada:
        assert await ada.closed() == Close.POLICY


async def test_pings_are_answered(house: House) -> None:
    """Before joining, and after."""
    async with house.client() as ada:
        await ada.send("ping")
        assert await ada.next() == {"type": "pong"}
        await ada.join()
        await ada.send("ping")
        assert await ada.next() == {"type": "pong"}


# Inside.


async def test_an_offer_is_answered_with_the_slots(house: House) -> None:
    """The answer says which m-lines can carry what."""
    async with house.client() as ada:
        await ada.join()
        await ada.send("offer", sdp="v=0")
        assert await ada.next() == {
            "type": "answer",
            "sdp": "v=0 answer",
            "slots": [{"mid": "1", "kind": "floor"}, {"mid": "2", "kind": "voice"}],
        }


async def test_a_malformed_offer_is_told_why(house: House) -> None:
    """The socket stays, and so does the participant."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.send("offer", sdp="hello")
        assert await ada.next() == {
            "type": "error",
            "code": "bad_offer",
            "message": "this is not SDP",
            "in_reply_to": "offer",
        }
        assert house.participant("ada")


async def test_an_offer_that_takes_too_long(open_house: OpenHouse) -> None:
    """It is given up; the call is not."""
    house = await open_house(answer_deadline_s=0.05)
    async with house.client("ada") as ada:
        await ada.join()
        house.participant("ada").go.clear()
        await ada.send("offer", sdp="v=0")
        assert await ada.error() == ("timed_out", "offer")
        house.participant("ada").go.set()
        await ada.send("offer", sdp="v=0")
        assert (await ada.next())["type"] == "answer"


async def test_a_message_that_breaks_something_costs_only_itself(house: House) -> None:
    """A fault of ours is told as such; what comes after is done."""
    async with house.client("ada") as ada:
        await ada.join()
        house.participant("ada").breaks = RuntimeError("a bug")
        await ada.send("offer", sdp="v=0")
        assert await ada.error() == ("failed", "offer")
        house.participant("ada").breaks = None
        await ada.send("offer", sdp="v=0")
        assert (await ada.next())["type"] == "answer"


async def test_candidates(house: House) -> None:
    """They are handed on as they come, their end too; what is none is refused."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.send("candidate", candidate={"candidate": "candidate:1", "sdpMid": "0"})
        await ada.send("candidate", candidate={"candidate": "hello"})
        assert await ada.error() == ("bad_candidate", "candidate")
        await ada.send("candidate", candidate=None)
        await ada.send("mute", muted=True)
        await ada.next("participant_updated")
        taken = house.participant("ada").candidates
        assert [candidate and candidate.candidate for candidate in taken] == ["candidate:1", None]


async def test_changing_languages(house: House) -> None:
    """One or both, normalised; what is no language changes nothing."""
    async with house.client("ada") as ada:
        await ada.join("Ada", "en", "es")
        await ada.send("set_languages", listening_language="FR")
        assert (await ada.next("participant_updated"))["participant"]["listening_language"] == "fr"
        await ada.send("set_languages", speaking_language="AUTO")
        assert (await ada.next("participant_updated"))["participant"]["speaking_language"] == "auto"
        await ada.send("set_languages", speaking_language="de", listening_language="no-such-tongue")
        assert await ada.error() == ("unknown_language", "set_languages")
        info = house.participant("ada").info
        assert (info.speaking_language, info.listening_language) == ("auto", "fr")


async def test_original_and_mute(house: House) -> None:
    """Both reach the room."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.send("set_original", original="on")
        await ada.send("mute", muted=True)
        assert (await ada.next("participant_updated"))["participant"]["muted"] is True
        assert house.participant("ada").original == "on"


async def test_ones_own_voice_is_used_only_with_consent(house: House) -> None:
    """Given when joining or later, and taken back at any time; off if nothing is said."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join("Bea", own_voice=True)
        assert not house.participant("ada").own_voice
        assert house.participant("bea").own_voice
        await ada.send("set_own_voice", consented=True)
        await bea.send("set_own_voice", consented=False)
        for each in (ada, bea):
            await each.send("ping")
            await each.next("pong")
        assert house.participant("ada").own_voice
        assert not house.participant("bea").own_voice


async def test_what_the_room_says_reaches_the_page(house: House) -> None:
    """Events go out in order, as they are."""
    async with house.client("ada") as ada:
        await ada.join()
        tell = house.participant("ada").events
        tell(SlotChanged(mid="1", kind="floor", speaker_id="bea", language="en"))
        tell(Notice(code="hello", text="Hello."))
        assert [(await ada.next())["type"] for _ in range(2)] == ["slot", "notice"]


# Captions.


async def test_captions_follow_the_listening_language(house: House) -> None:
    """From the bus to the page, in the language of the moment."""
    async with house.client("bea") as bea:
        await bea.join("Bea", "es", "es")
        await house.bus.publish(transcript("good morning"))
        await house.bus.publish(translation("buenos días", "good morning"))
        assert (await bea.next("caption"))["text"] == "buenos días"
        await bea.send("set_languages", listening_language="en")
        await bea.next("participant_updated")
        assert (await bea.next("caption"))["text"] == "good morning", "what was said before comes again"
        await house.bus.publish(translation("segunda", "second", clause=1))
        await house.bus.publish(transcript("second", clause=1))
        assert (await bea.next("caption"))["text"] == "second"


async def test_late_joiners_catch_up(house: House) -> None:
    """Right after `joined` come the last committed captions."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join("Ada", "en", "en")
        await house.bus.publish(transcript("good morning"))
        await house.bus.publish(translation("buenos días", "good morning"))
        await ada.next("caption")
        await asyncio.sleep(0.05)  # the translation comes on another topic
        await bea.join("Bea", "es", "es")
        assert (await bea.next())["text"] == "buenos días"


async def test_captions_can_be_declined(house: House) -> None:
    """Who says so in `join` gets none."""
    async with house.client("bea") as bea:
        await bea.join("Bea", "es", "es", captions=False)
        await house.bus.publish(translation("buenos días", "good morning"))
        await bea.send("mute", muted=True)
        await bea.next("participant_updated")
        assert [message["type"] for message in bea.told] == ["joined", "participant_updated"]


# Bad manners.


@pytest.mark.parametrize("frame", ["hello", "[]", '{"type":"dance"}', '{"type":"offer"}'])
async def test_a_malformed_message_leaves_the_call_alone(house: House, frame: str) -> None:
    """It is answered with an error."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.socket.send_str(frame)
        assert (await ada.next())["type"] == "error"
        await ada.send("mute", muted=True)
        assert (await ada.next())["type"] == "participant_updated"


async def test_binary_is_not_a_message(house: House) -> None:
    """This socket speaks text: bytes that are not JSON are refused as such."""
    async with house.client() as ada:
        await ada.socket.send_bytes(b"\x00\xff")
        assert await ada.error() == ("not_json", None)


async def test_a_message_that_is_too_large(house: House) -> None:
    """More than 64 KiB ends the socket with 1009."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.socket.send_str(json.dumps({"type": "offer", "sdp": "v=0" + "a" * 70_000}))
        assert await ada.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    await gone(house)


async def test_who_does_not_read_is_given_up(open_house: OpenHouse) -> None:
    """When nothing that waits may go, the socket is closed; the room is not held up for a moment."""
    house = await open_house(outbox_size=8)
    async with house.client("slow") as slow, house.client("ada") as ada:
        await slow.join()
        await ada.join()
        room = house.rooms.get(ROOM)
        assert room is not None
        # Faster than the writer gets a turn: as a client that does not read would make it.
        for number in range(20):
            house.participant("slow").events(Notice(code=str(number), text="x"))
        assert await slow.closed() == Close.TOO_SLOW
        assert (await ada.next("participant_updated"))["participant"]["away"]


async def test_a_connection_that_takes_nothing_is_dropped(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does not read the goodbye either is not kept for it."""
    monkeypatch.setattr(admission, "_CLOSE_S", 0.1)
    house = await open_house(outbox_size=8)
    # Without a reader the stream takes a few kilobytes and then stops.
    _, writer = await asyncio.open_connection(house.http.host, house.http.port, limit=1024)
    path = f"/ws/signaling/{ROOM}?token={house.token(ROOM, 'stuck')}"
    head = ["Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    writer.write("\r\n".join([f"GET {path} HTTP/1.1", *head, f"Sec-WebSocket-Key: {'A' * 22}==", "", ""]).encode())
    join = b'{"type":"join","name":"S","speaking_language":"en","listening_language":"en"}'
    writer.write(bytes([0x81, 0x80 | len(join), 0, 0, 0, 0]) + join)  # a text frame, masked with zeros
    await until(lambda: len(house.door.presences) == 1)
    stuck = house.participant("stuck")
    while not stuck.info.away:
        stuck.events(Notice(code="much", text="x" * 100_000))
        await asyncio.sleep(0)
    await until(lambda: not house.door.tasks)
    with pytest.raises(ConnectionError):
        await write_on(writer)
    writer.close()


# Ending.


async def test_only_languages_that_the_token_allows(house: House) -> None:
    """Neither at joining nor later; what was refused changed nothing."""
    async with house.client("ada", languages=frozenset({"en", "es"})) as ada:
        for speaks, hears in (("fr", "en"), ("en", "fr"), ("auto", "en")):
            await ada.send("join", name="Ada", speaking_language=speaks, listening_language=hears)
            assert await ada.error() == ("language_not_allowed", "join")
        assert house.rooms.get(ROOM) is None
        await ada.join("Ada", "en-GB", "es-MX")
        await ada.send("set_languages", speaking_language="es", listening_language="fr")
        assert await ada.error() == ("language_not_allowed", "set_languages")
        info = house.participant("ada").info
        assert (info.speaking_language, info.listening_language) == ("en-GB", "es-MX")
        await ada.send("set_languages", speaking_language="es")
        await until(lambda: house.participant("ada").info.speaking_language == "es")


async def test_leaving(house: House) -> None:
    """The others are told, and the socket is closed as usual."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        await bea.send("leave")
        assert await ada.next("participant_left") == {
            "type": "participant_left",
            "participant_id": "bea",
            "reason": "left",
        }
        assert await bea.closed() == Close.LEFT


async def test_a_page_that_is_closed_has_said_goodbye(house: House) -> None:
    """The close frame of a browser is enough."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        await bea.socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        assert (await ada.next("participant_left"))["reason"] == "left"


async def test_the_server_goes_away(house: House) -> None:
    """Everybody is told to come again, and has left."""
    async with house.client("ada") as ada:
        await ada.join()
        stopping = asyncio.create_task(house.http.server.close())
        assert await ada.closed() == Close.GOING_AWAY
        await stopping
    await gone(house)


async def test_who_joins_while_the_server_drains_is_sent_away(house: House) -> None:
    """A socket that was open before does not let anybody in who was not here: 1001, and words."""
    async with house.client() as ada:
        house.door.health.drain()
        await ada.send("join", name="Ada", speaking_language="en", listening_language="en")
        assert await ada.closed() == Close.GOING_AWAY
    assert house.rooms.get(ROOM) is None
