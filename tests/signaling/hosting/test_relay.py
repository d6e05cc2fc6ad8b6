"""What one page sends to another."""

from contextlib import AsyncExitStack

import pytest

from media_server.peer import IceCandidate
from signaling.hosting.relay import LONGEST_CANDIDATE, LONGEST_SDP, MOST_CANDIDATES, check
from signaling.hosting.settings import HostingSettings
from signaling.protocol import Candidate, Hangup, Offer, RefusalError, Relayed, RelayedAnswer
from tests.signaling.conftest import House, OpenHouse
from tests.support.until import until

SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
CANDIDATE = "candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host"
ICE = {"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "abcd"}


def sent(candidate: str = CANDIDATE, mid: str = "0", index: int = 0, fragment: str = "abcd") -> Candidate:
    return Candidate(candidate=IceCandidate(candidate, mid, index, fragment), to="bea")


async def test_a_screen_is_shared_between_two(house: House) -> None:
    """Offer, answer, candidates and the end go to the one they are for, say who they are from, and to nobody else."""
    async with house.client("ada") as ada, house.client("bea") as bea, house.client("cai") as cai:
        for each in (ada, bea, cai):
            await each.join()
        await ada.send("offer", sdp=SDP, to="bea")
        assert await bea.next("offer") == {"type": "offer", "from": "ada", "sdp": SDP}
        await bea.send("answer", sdp=SDP, to="ada")
        assert await ada.next("answer") == {"type": "answer", "from": "bea", "sdp": SDP}
        await bea.send("candidate", candidate=ICE, to="ada")
        assert await ada.next("candidate") == {"type": "candidate", "from": "bea", "candidate": ICE}
        await ada.send("candidate", candidate=None, to="bea")
        assert (await bea.next("candidate"))["candidate"] is None
        await ada.send("hangup", to="bea")
        assert await bea.next("hangup") == {"type": "hangup", "from": "ada"}
        await cai.send("ping")
        await cai.next("pong")
        assert not {"offer", "answer", "candidate", "hangup"} & {told["type"] for told in cai.told}
        assert house.participant("ada").slots == []


async def test_without_a_receiver_it_is_for_the_server(house: House) -> None:
    """An offer of the page's own is answered by the server, as ever."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        await ada.send("offer", sdp=SDP)
        assert "from" not in await ada.next("answer")


async def test_only_who_is_here_and_shown_is_reached(house: House) -> None:
    """Not who is in another room, away, hidden, in the lobby, or oneself."""
    house.door.hosts.set_lobby("demo", True)
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(house.client("ada", admitted=True))
        away = await stack.enter_async_context(house.client("away", admitted=True))
        spy = await stack.enter_async_context(house.client("spy", hidden=True))
        far = await stack.enter_async_context(house.client("far", "other"))
        zoe = await stack.enter_async_context(house.client("zoe"))
        for each in (ada, away, spy, far):
            await each.join()
        await zoe.send("join", name="Zoë")
        await zoe.next("waiting")
        away.vanish()
        await until(lambda: house.participant("away").info.away)
        for receiver in ("nobody", "away", "spy", "far", "zoe", "ada", ""):
            await ada.send("offer", sdp=SDP, to=receiver)
            assert await ada.error() == ("no_such_participant", "offer"), receiver


async def test_hidden_participants_send_nothing(house: House) -> None:
    """And who may not be heard offers nothing, but answers."""
    async with house.client("ada") as ada, house.client("spy", hidden=True) as spy:
        await ada.join()
        await spy.join()
        await spy.send("hangup", to="ada")
        assert await spy.error() == ("not_allowed", "hangup")
        async with house.client("lea", role="listener") as lea:
            await lea.join()
            await lea.send("offer", sdp=SDP, to="ada")
            assert await lea.error() == ("not_allowed", "offer")
            await lea.send("answer", sdp=SDP, to="ada")
            assert (await ada.next("answer"))["from"] == "lea"


BAD: list[Relayed] = [
    Offer(sdp="", to="bea"),
    Offer(sdp="v=1\r\n", to="bea"),
    Offer(sdp="<script>", to="bea"),
    RelayedAnswer(sdp="v=0\r\n\x00", to="bea"),
    Offer(sdp="v=0\r\n" + "a=x\r\n" * (LONGEST_SDP // 5), to="bea"),
    Offer(sdp="v=0\r\n" + "a=candidate:1\r\n" * (MOST_CANDIDATES + 1), to="bea"),
    sent("x" * 10),
    sent("candidate:" + "x" * LONGEST_CANDIDATE),
    sent("candidate:1\r\na=x"),
    sent(mid="0" * (LONGEST_CANDIDATE + 1)),
    sent(fragment="\x1b[2J"),
    sent(index=-1),
]


@pytest.mark.parametrize("message", BAD)
def test_what_is_not_what_it_says_is_refused(message: Relayed) -> None:
    """Before anybody's browser sees it."""
    with pytest.raises(RefusalError) as refused:
        check(message)
    assert refused.value.code in ("bad_offer", "bad_candidate")


@pytest.mark.parametrize(
    "message",
    [
        Offer(sdp="v=0\n", to="bea"),
        Offer(sdp="v=0\r\n" + "a=candidate:1\r\n" * MOST_CANDIDATES, to="bea"),
        sent(""),
        Candidate(candidate=None, to="bea"),
        Hangup(to="bea"),
    ],
)
def test_what_browsers_send_is_passed_on(message: Relayed) -> None:
    """The empty candidate of an ended generation too."""
    check(message)


async def test_candidates_are_counted(open_house: OpenHouse) -> None:
    """So many follow an offer; another offer begins anew."""
    house = await open_house(hosting=HostingSettings(relay_burst=500))
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        for _ in range(MOST_CANDIDATES):
            await ada.send("candidate", candidate=ICE, to="bea")
            await bea.next("candidate")
        await ada.send("candidate", candidate=ICE, to="bea")
        assert await ada.error() == ("bad_candidate", "candidate")
        await ada.send("offer", sdp=SDP, to="bea")
        await ada.send("candidate", candidate=ICE, to="bea")
        await bea.next("candidate")


async def test_nobody_sends_too_fast(open_house: OpenHouse) -> None:
    """One has an own rate, apart from that of what concerns the room."""
    house = await open_house(hosting=HostingSettings(relays_per_second=0.001, relay_burst=3))
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        for _ in range(4):
            await ada.send("hangup", to="bea")
        assert await ada.error() == ("too_many_messages", "hangup")
        await ada.send("set_languages", listening_language="fr")
        await ada.next("participant_updated")


async def test_nobody_is_sent_too_much(open_house: OpenHouse) -> None:
    """Many together cannot drown one, nor have them thrown out for not reading fast enough."""
    house = await open_house(hosting=HostingSettings(relays_per_second=0.001, relay_burst=2))
    async with AsyncExitStack() as stack:
        ada, bea, cai, dan = [
            await stack.enter_async_context(house.client(name)) for name in ("ada", "bea", "cai", "dan")
        ]
        for each in (ada, bea, cai, dan):
            await each.join()
        for sender in (ada, cai):
            for _ in range(2):
                await sender.send("hangup", to="bea")
                await bea.next("hangup")
        await dan.send("hangup", to="bea")
        assert await dan.error() == ("too_many_messages", "hangup")
