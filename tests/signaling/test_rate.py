"""The token bucket, and what it means for a session."""

from signaling.protocol import Close
from signaling.rate import Rate
from tests.signaling.conftest import OpenHouse
from tests.signaling.test_session import gone


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_and_then_the_rate() -> None:
    """What is allowed at once comes first; then one more for each that was earned."""
    clock = Clock()
    rate = Rate(50, 100, clock)
    assert sum(rate.allows() for _ in range(1000)) == 100
    clock.seconds += 1
    assert sum(rate.allows() for _ in range(1000)) == 50


def test_patience_earns_no_more_than_a_burst() -> None:
    """An hour of silence is worth one burst."""
    clock = Clock()
    rate = Rate(50, 100, clock)
    clock.seconds += 3600
    assert sum(rate.allows() for _ in range(1000)) == 100


# One session's messages.


async def test_repeated_abuse_ends_the_call(open_house: OpenHouse) -> None:
    """After so many refusals the socket is closed with 1008, and the participant has left."""
    house = await open_house(strikes=3)
    async with house.client("ada") as ada:
        await ada.join()
        for _ in range(4):
            await ada.socket.send_str("hello")
        assert await ada.closed() == Close.POLICY
    await gone(house)


async def test_a_flood_is_dropped_and_then_ended(open_house: OpenHouse) -> None:
    """Beyond burst and rate messages are dropped with a word, and then the client is."""
    house = await open_house(messages_per_second=0.001, message_burst=5, strikes=3)
    async with house.client("ada") as ada:
        await ada.join()
        for _ in range(6):
            await ada.send("mute", muted=True)
        assert await ada.error() == ("too_many_messages", None)
        for _ in range(5):
            await ada.send("mute", muted=True)
        assert await ada.closed() == Close.POLICY


async def test_what_changes_the_room_is_allowed_less_often(open_house: OpenHouse) -> None:
    """What is over that rate changes nothing, whichever kind it is; other messages are still done."""
    house = await open_house(changes_per_second=0.001, change_burst=4)
    async with house.client("ada") as ada:
        await ada.join()
        await ada.send("offer", sdp="v=0")
        await ada.send("set_languages", listening_language="fr")
        await ada.send("set_original", original="on")
        await ada.send("mute", muted=True)
        await ada.send("mute", muted=False)
        await ada.send("set_languages", listening_language="de")
        await ada.send("set_original", original="off")
        await ada.send("offer", sdp="v=0")
        refused = [await ada.error() for _ in range(4)]
        assert refused == [("too_many_messages", kind) for kind in ("mute", "set_languages", "set_original", "offer")]
        participant = house.participant("ada")
        assert (participant.info.muted, participant.info.listening_language, participant.original) == (True, "fr", "on")
        await ada.send("candidate", candidate={"candidate": "hello"})
        assert await ada.error() == ("bad_candidate", "candidate")
