"""The captions socket: what its readers get, and when it is closed."""

import aiohttp

from signaling.identity.grant import Grant, Identity
from signaling.protocol import Close
from tests.fakes.said import transcript, translation
from tests.signaling.conftest import ROOM, House, OpenHouse
from tests.support.until import until


async def _captions(house: House, **query: str) -> aiohttp.ClientWebSocketResponse:
    return await house.http.ws_connect("/ws/captions/demo", params={"token": house.token(), **query})


async def test_all_captions(house: House) -> None:
    """Without a language: what was recognised, and every translation."""
    async with await _captions(house) as socket:
        await house.bus.publish(transcript("good morning"))
        first = await socket.receive_json(timeout=5)
        await house.bus.publish(translation("buenos días", "good morning"))
        second = await socket.receive_json(timeout=5)
    assert [(c["type"], c["event"], c["language"], c["text"]) for c in (first, second)] == [
        ("caption", "caption", "en", "good morning"),
        ("caption", "caption", "es", "buenos días"),
    ]


async def test_captions_of_one_language(house: House) -> None:
    """With one: what somebody with that listening language gets."""
    async with await _captions(house, language="ES") as socket:
        await house.bus.publish(transcript("good morning"))
        await house.bus.publish(translation("buenos días", "good morning"))
        assert (await socket.receive_json(timeout=5))["text"] == "buenos días"


async def test_captions_of_no_language(house: House) -> None:
    """A tag that is none is refused with words."""
    async with house.http.get(
        "/ws/captions/demo", params={"token": house.token(), "language": "klingonese"}
    ) as response:
        assert response.status == 400
        assert "is not a language tag" in await response.text()


async def test_captions_of_another_room_stay_there(house: House) -> None:
    """A room's captions reach nobody outside of it."""
    async with await _captions(house) as socket:
        await house.bus.publish(transcript("secret", room_id="other"))
        await house.bus.publish(transcript("here"))
        assert (await socket.receive_json(timeout=5))["text"] == "here"


async def test_what_is_said_to_the_captions_socket_is_ignored(house: House) -> None:
    """It only listens to be closed, or asked whether it lives."""
    async with await _captions(house) as socket:
        for said in ("hello", "[1]", '{"type": 7}', '{"type": "leave"}', '{"a":' * 9_000):
            await socket.send_str(said)
        await socket.send_bytes(b'{"type": "ping"}')
        await house.bus.publish(transcript("here"))
        assert (await socket.receive_json(timeout=5))["text"] == "here"


async def test_a_captions_socket_says_that_it_lives(house: House) -> None:
    """Browsers show pages no pings of the WebSocket protocol, and a silent room looks like a broken connection."""
    async with await _captions(house) as socket:
        await socket.send_str('{"type": "ping"}')
        assert await socket.receive_json(timeout=5) == {"type": "pong"}


async def test_who_floods_the_captions_socket_is_sent_away(open_house: OpenHouse) -> None:
    """Nothing is answered there, so there is no warning."""
    house = await open_house(messages_per_second=0.001, message_burst=5)
    async with await _captions(house) as socket:
        for _ in range(6):
            await socket.send_str("hello")
        assert (await socket.receive(timeout=5)).data == Close.POLICY


async def test_captions_in_a_language_that_nobody_listens_in(house: House) -> None:
    """What was not aimed at it is shown as it was recognised: no translation will come."""
    async with await _captions(house, language="fr") as socket:
        await house.bus.publish(transcript("good morning"))
        caption = await socket.receive_json(timeout=5)
    assert (caption["language"], caption["text"]) == ("en", "good morning")


async def test_a_caption_reader_that_does_not_read_is_given_up(open_house: OpenHouse) -> None:
    """Final captions are not dropped: the reader is."""
    house = await open_house(outbox_size=4)
    async with await _captions(house) as socket:
        await until(lambda: house.door.feed.is_read(ROOM))
        for clause in range(20):
            house.door.feed.take(transcript("word", clause=clause))
        while not socket.closed:
            await socket.receive(timeout=5)
        assert socket.close_code == Close.TOO_SLOW
    await until(lambda: not house.door.feed.is_read(ROOM))


async def test_only_what_is_final(house: House) -> None:
    """Who asks for no interim text gets none."""
    async with await _captions(house, interim="0") as socket:
        await house.bus.publish(transcript("good", final=False))
        await house.bus.publish(transcript("good morning"))
        caption = await socket.receive_json(timeout=5)
    assert (caption["text"], caption["is_final"]) == ("good morning", True)


async def test_only_what_was_recognised(house: House) -> None:
    """Translation can be turned off for one reader."""
    async with await _captions(house, translate="0") as socket:
        await house.bus.publish(translation("buenos días", "good morning"))
        await house.bus.publish(transcript("good morning"))
        assert (await socket.receive_json(timeout=5))["text"] == "good morning"


async def test_the_realtime_form(house: House) -> None:
    """For clients that were written for it."""
    async with await _captions(house, format="realtime", language="es") as socket:
        await house.bus.publish(translation("buenos días", "good morning"))
        shown = await socket.receive_json(timeout=5)
    assert (shown["type"], shown["text"], shown["translation"]) == ("realtime", "good morning", "buenos días")
    assert shown["segment_id"] == "u1/0"
    assert 0 <= shown["processing_time"] < 5


async def test_a_captions_socket_goes_on_behind_a_cursor(house: House) -> None:
    """Nothing that was shown before comes again, and nothing is missed."""
    async with await _captions(house) as first, await _captions(house) as second:
        await house.bus.publish(transcript("one", targets=()))
        cursor = (await first.receive_json(timeout=5))["cursor"]
        await house.bus.publish(transcript("two", clause=1, targets=()))
        await first.receive_json(timeout=5)
        await second.receive_json(timeout=5)
        async with await _captions(house, after=cursor) as third:
            assert (await third.receive_json(timeout=5))["text"] == "two"


async def test_a_caption_names_its_speaker(house: House) -> None:
    """A reader who is no participant knows nobody; also of who has left since."""
    async with await _captions(house) as socket, house.client("anna") as anna, house.client("bob") as bob:
        await bob.join("Bob")
        await anna.join("Anna")
        await house.bus.publish(transcript("hello"))
        assert (await socket.receive_json(timeout=5))["speaker_name"] == "Anna"
        await anna.send("leave")
        await anna.closed()
        await house.bus.publish(transcript("bye", clause=1))
        assert (await socket.receive_json(timeout=5))["speaker_name"] == "Anna"


async def test_a_captions_socket_is_a_reason_to_recognise(house: House) -> None:
    """In its language, for as long as it is open."""
    async with await _captions(house, language="fr"):
        await until(lambda: house.rooms.readers == {ROOM: frozenset({"fr"})})
        async with await _captions(house, translate="0", language="de"):
            await until(lambda: house.door.feed.is_read(ROOM))
            assert house.rooms.readers == {ROOM: frozenset({"fr"})}
    await until(lambda: house.rooms.readers == {})


async def test_a_token_that_reads_other_languages_is_refused(house: House) -> None:
    """Nothing is shown in a language that it does not name."""
    grant = Grant(identity=Identity("bea", ROOM), languages=frozenset({"es"}))
    token = house.door.tokens.issue_for(grant)
    async with house.http.ws_connect("/ws/captions/demo", params={"token": token, "language": "fr"}) as socket:
        assert (await socket.receive(timeout=5)).data == Close.POLICY
    async with house.http.ws_connect("/ws/captions/demo", params={"token": token}) as socket:
        await until(lambda: house.door.feed.is_read(ROOM))
        await house.bus.publish(transcript("good morning"))
        await house.bus.publish(translation("buenos días", "good morning"))
        assert (await socket.receive_json(timeout=5))["text"] == "buenos días"
