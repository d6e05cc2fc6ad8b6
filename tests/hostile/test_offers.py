"""What may be said instead of an offer (holes H7 and H8 of the stack below)."""

import asyncio
import random
import time

import aiohttp
import pytest

from media_server.peer import OfferError
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from tests.hostile.siege import Siege
from tests.media_server.rtc.offers import chromium, with_candidates
from tests.support.caller import Caller, call, dial
from tests.support.until import until

pytestmark = pytest.mark.blocks_loop("the callers are stock aiortc, whose handshakes are on this loop; the node is not")

GOOD = chromium("sendonly", *["recvonly"] * 4)
CANDIDATE = "candidate:842163049 1 udp 1677729535 203.0.113.7 10000 typ srflx raddr 0.0.0.0 rport 0"


def spoiled(seed: int) -> str:
    """Spoil a good offer in one to four places: always in the same way for a seed."""
    chance = random.Random(seed)
    lines = with_candidates(GOOD, 3).split("\r\n")
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case 3:
                words = lines[at].split(" ")
                words[chance.randrange(len(words))] = chance.choice(("", "0", "-1", "99999999999", "é", "a:b", "\x00"))
                lines[at] = " ".join(words)
            case 4:
                place = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + chr(chance.randrange(1, 0x2FF)) + lines[at][place:]
            case 5:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines[at] = lines[at].partition(":")[0] + ":" + chance.choice(("", " ", "x" * 300, "1 2 3 4 5 6 7 8"))
    return "\r\n".join(lines)


async def test_any_offer_is_answered_or_refused() -> None:
    """Of 100 spoiled offers none raises anything but an OfferError, and nothing is left of those that were refused."""
    answered = 0
    async with RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint:
        for seed in range(100):
            peer = endpoint.new_peer()
            try:
                await peer.answer(spoiled(seed))
                answered += 1
            except OfferError as error:
                assert str(error), "an offer was refused without a word"  # noqa: PT017
            await peer.close()
            await asyncio.sleep(0)
        assert len(endpoint.port.demux) == endpoint.peers == 0
    assert 10 < answered < 90


async def offer_spoiled(url: str, first: int) -> list[str]:
    """Send eight spoiled offers over one socket; give what came back to each."""
    async with dial(url, "offers") as caller:
        await caller.join(name="Eve", speaks="en", hears="en")
        for seed in range(first, first + 8):
            await caller.send(type="offer", sdp=spoiled(seed))
        await until(lambda: len(replies(caller)) == 8, 10)
        await caller.send(type="offer", sdp=GOOD)
        await until(lambda: len(replies(caller)) == 9, 10)
        return replies(caller)


def replies(caller: Caller) -> list[str]:
    """Give what the offers so far came to."""
    return [told.message.get("code", "answer") for told in caller.told if told.message["type"] in ("answer", "error")]


async def test_a_spoiled_offer_is_a_clean_error(siege: Siege) -> None:
    """Over sockets of the door: an answer or `bad_offer`, whatever was said, and a good offer is answered after it."""
    async with siege.watch() as watched:
        all_replies = [await offer_spoiled(siege.url, 1000 + 8 * n) for n in range(12)]
    assert {reply for replies in all_replies for reply in replies} == {"answer", "bad_offer"}
    assert [replies[-1] for replies in all_replies] == ["answer"] * 12
    watched.assert_unharmed()


async def test_bombs_are_refused_before_they_are_read(siege: Siege) -> None:
    """Candidates and m-lines, as many as a message holds and more: refused or cut off, and nobody waits."""
    async with siege.watch() as watched:
        async with dial(siege.url, "bombs") as eve:
            await eve.join(name="Eve", speaks="en", hears="en")
            for bomb in (with_candidates(GOOD, 600), chromium(*["recvonly"] * 60)):
                for _ in range(3):
                    await eve.send(type="offer", sdp=bomb)
            await until(lambda: len(replies(eve)) == 6)
            assert replies(eve) == ["bad_offer"] * 6
        for bomb in (with_candidates(GOOD, 5_000), chromium(*["recvonly"] * 500)):
            async with dial(siege.url, "bombs") as eve:
                await eve.join(name="Eve", speaks="en", hears="en")
                await eve.send(type="offer", sdp=bomb)
                await until(lambda eve=eve: eve._socket.closed)  # type: ignore[misc]
                assert eve._socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    watched.assert_unharmed()


async def test_trickled_candidates_are_counted(siege: Siege) -> None:
    """5,000 of them: 64 are taken, the others refused until the socket is closed."""
    async with (
        siege.watch() as watched,
        call(siege.url, "trickle", name="Eve", speaks="en", hears="en", connect=False) as eve,
    ):
        await eve.connect(floors=0, voices=0)
        for _ in range(5_000):
            if eve._socket.closed:
                break
            await eve.send(type="candidate", candidate={"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0})
        await until(lambda: eve._socket.closed)
        assert replies(eve)[0] == "answer"
        assert set(replies(eve)[1:]) <= {"bad_candidate", "too_many_messages"}
    watched.assert_unharmed()


@pytest.mark.parametrize("bomb", [with_candidates(GOOD, 5_000), chromium(*["recvonly"] * 500)])
async def test_limits_come_before_parsing(bomb: str) -> None:
    """Were a bomb to get past the door: it is refused in less time than a packet lasts."""
    async with RtcEndpoint(RtcSettings(host="127.0.0.1", max_offer_bytes=1 << 20)) as endpoint:
        peer = endpoint.new_peer()
        began = time.process_time()
        with pytest.raises(OfferError, match="allowed"):
            await peer.answer(bomb)
        assert time.process_time() - began < 0.02
        await peer.close()
