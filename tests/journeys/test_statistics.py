"""What three real Chromiums count: A and C talk, B listens. A and B repair losses (NACK), C's browser does not.

The journey is made once: first all is well and A makes pauses, then one packet in twenty is lost in each direction.
"""

import asyncio
import random
import struct
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np
import pytest
import pytest_asyncio

from media_server.rtc.batch import Batch
from media_server.rtc.demux import Address, Demux
from media_server.rtc.native import ffi
from media_server.settings import MediaSettings
from tests.journeys.visitor import Visitor, visitor
from tests.journeys.whole_system import whole_system
from tests.support.bare_node import NoEngines
from tests.support.chromium import playwright, statistics
from tests.support.recordings import SAMPLE_RATE, Samples, recordings, silence, write_wav
from tests.support.until import until

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.timeout(120)]

ROOM = "counters"
LOSS = 0.05
LOSSY_S = 10.0
SENTENCE_S = 2.5
PAUSE_S = 3.0
SENTENCES = 2
# What a browser knows of the other side is as old as the last report.
REPORT_S = 1.6

# A port where nobody is, as it stands in an address.
NOBODY = struct.pack("!H", 9)

# As a browser would have it that knows nothing of lost sound.
WITHOUT_NACK = """
const set = RTCPeerConnection.prototype.setLocalDescription;
RTCPeerConnection.prototype.setLocalDescription = function (description) {
  return set.call(this, { ...description, sdp: description.sdp.replace(/^a=rtcp-fb:\\d+ nack\\r\\n/gm, '') });
};
"""

Statistics = dict[str, Any]


class Network:
    """Loses RTP packets at random between the node's port and its connections; STUN, DTLS and RTCP pass."""

    def __init__(self) -> None:
        self.loss = 0.0
        # The numbers of what slots sent, by source.
        self.sent: defaultdict[int, set[int]] = defaultdict(set)
        self._random = random.Random(4)

    @contextmanager
    def between(self) -> Iterator[None]:
        take, flush = Demux.take, Batch.flush

        def lossy_take(demux: Demux, data: bytes, address: Address) -> None:
            is_rtp = len(data) > 1 and 127 < data[0] < 192 and not 191 < data[1] < 224
            if not (is_rtp and self._loses()):
                take(demux, data, address)

        def lossy_flush(batch: Batch) -> None:
            for at in range(len(batch)):
                message = batch.shared.messages[at].msg_hdr
                number, ssrc = struct.unpack("!2xH4xI", ffi.buffer(message.msg_iov.iov_base, 12))
                self.sent[ssrc].add(number)
                if self._loses():
                    ffi.buffer(message.msg_name, 4)[2:4] = NOBODY
            flush(batch)

        with mock.patch.object(Demux, "take", lossy_take), mock.patch.object(Batch, "flush", lossy_flush):
            yield

    def _loses(self) -> bool:
        return self._random.random() < self.loss


@dataclass
class Moment:
    """What A had sent, and B made up, at one moment of the first part."""

    at: float
    sent: int
    concealed: int
    heard: int


@dataclass
class Evidence:
    """What the browsers counted."""

    moments: list[Moment] = field(default_factory=list)
    # After the first part: A's own numbers, and B's of A's floor.
    a_well: Statistics = field(default_factory=dict)
    b_well: Statistics = field(default_factory=dict)
    sent_to_b: int = 0
    # After the second part: of what each sends, and of A's floor as B and C hear it.
    a: Statistics = field(default_factory=dict)
    c: Statistics = field(default_factory=dict)
    b_hears: Statistics = field(default_factory=dict)
    c_hears: Statistics = field(default_factory=dict)


def write_script() -> Samples:
    """Lay out what A says: first with pauses, then without."""
    sentences = [recording.samples for recording in recordings()]
    length = round(SENTENCE_S * SAMPLE_RATE)
    paused = [part for sentence in sentences[:SENTENCES] for part in (sentence[:length], silence(PAUSE_S))]
    return np.concatenate([silence(3.0), *paused, *sentences * 3])


async def outgoing(person: Visitor) -> Statistics:
    """Give what a browser knows of its microphone, what the server told it included."""
    found = await statistics(person.page)
    (own,) = (it for it in found if it["type"] == "outbound-rtp")
    told = next((it for it in found if it["type"] == "remote-inbound-rtp"), {})
    return {f"told_{key}": value for key, value in told.items()} | own


async def incoming(person: Visitor, mid: str) -> Statistics:
    """Give what a browser knows of one slot, what the server told it included."""
    found = await statistics(person.page)
    own = next((it for it in found if it["type"] == "inbound-rtp" and it["mid"] == mid), None)
    if own is None:
        return {}
    told = next((it for it in found if it["type"] == "remote-outbound-rtp" and it["ssrc"] == own["ssrc"]), {})
    return {f"told_{key}": value for key, value in told.items()} | own


async def slot_of(listener: Visitor, speaker: Visitor) -> str:
    """Wait until somebody has a floor slot at somebody else's; give its m-line."""

    def slots() -> list[str]:
        return [it["mid"] for it in listener.events("slot") if it.get("speaker_id") == speaker.participant_id]

    await until(lambda: bool(slots()), limit_s=15)
    return slots()[-1]


class Journey:
    def __init__(self, network: Network, a: Visitor, b: Visitor, c: Visitor) -> None:
        self.network, self.a, self.b, self.c = network, a, b, c
        self.evidence = Evidence()

    async def make(self, url: str) -> Evidence:
        await self.c.page.add_init_script(WITHOUT_NACK)
        for person, name in ((self.b, "Bea"), (self.c, "Cat"), (self.a, "Ann")):
            await person.join(url, ROOM, name=name, speaks="en", hears="en")
        at_b, at_c = await slot_of(self.b, self.a), await slot_of(self.c, self.a)
        await self._without_loss(at_b)
        await self._with_loss(at_b, at_c)
        return self.evidence

    async def _without_loss(self, at_b: str) -> None:
        evidence, ends = self.evidence, time.monotonic() + SENTENCES * (SENTENCE_S + PAUSE_S) - 1
        while time.monotonic() < ends:
            await asyncio.sleep(0.15)
            sending, hearing = await outgoing(self.a), await incoming(self.b, at_b)
            if hearing:
                concealed = hearing["concealedSamples"]
                heard = hearing["totalSamplesReceived"]
                evidence.moments.append(Moment(time.monotonic(), sending["packetsSent"], concealed, heard))
        evidence.a_well, evidence.b_well = await outgoing(self.a), await incoming(self.b, at_b)
        evidence.sent_to_b = len(self.network.sent[evidence.b_well["ssrc"]])

    async def _with_loss(self, at_b: str, at_c: str) -> None:
        self.network.loss = LOSS
        await asyncio.sleep(LOSSY_S)
        self.network.loss = 0.0
        await asyncio.sleep(REPORT_S)
        evidence = self.evidence
        evidence.a, evidence.c = await outgoing(self.a), await outgoing(self.c)
        evidence.b_hears, evidence.c_hears = await incoming(self.b, at_b), await incoming(self.c, at_c)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def evidence(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Evidence]:
    """Make the journey. Nobody is recognised: it is about packets."""
    folder = tmp_path_factory.mktemp("microphones")
    sentences = [recording.samples for recording in recordings()]
    spoken = {
        "a": write_script(),
        "b": silence(100),
        "c": np.concatenate([silence(8.0), *sentences * 4]),
    }
    files = {name: write_wav(folder / f"{name}.wav", samples) for name, samples in spoken.items()}
    network = Network()
    async with AsyncExitStack() as stack:
        stack.enter_context(network.between())
        system = await stack.enter_async_context(whole_system(NoEngines(), media=MediaSettings(captions=False)))
        driver = await stack.enter_async_context(playwright())
        a, b, c = [await stack.enter_async_context(visitor(driver, file)) for file in files.values()]
        yield await Journey(network, a, b, c).make(system.url)


def test_a_is_told_round_trip_loss_and_jitter(evidence: Evidence) -> None:
    """The server's reports about A's microphone: measured, and nothing lost while nothing is."""
    assert 0 < evidence.a_well["told_roundTripTime"] < 0.5
    assert evidence.a_well["told_roundTripTimeMeasurements"] >= 3
    assert evidence.a_well["told_packetsLost"] == 0
    assert evidence.a_well["told_fractionLost"] == 0
    assert 0 <= evidence.a_well["told_jitter"] < 0.1


def test_b_is_told_what_was_really_sent(evidence: Evidence) -> None:
    """The server's reports about A's floor: as many packets as were sent, as of the last report; and the round trip."""
    assert evidence.sent_to_b - REPORT_S * 50 <= evidence.b_well["told_packetsSent"] <= evidence.sent_to_b
    assert evidence.b_well["packetsReceived"] == pytest.approx(evidence.sent_to_b, abs=5)
    assert evidence.b_well["packetsLost"] == 0
    assert 0 <= evidence.b_well["jitter"] < 0.1
    assert evidence.b_well["told_roundTripTimeMeasurements"] >= 1
    assert 0 < evidence.b_well["told_totalRoundTripTime"] / evidence.b_well["told_roundTripTimeMeasurements"] < 0.5


def test_in_silence_next_to_nothing_is_sent(evidence: Evidence) -> None:
    """A's browser sends 50 packets a second in speech, and a tenth of that in a pause (DTX)."""
    rates = [
        (later.sent - earlier.sent) / (later.at - earlier.at)
        for earlier, later in zip(evidence.moments, evidence.moments[5:], strict=False)
    ]
    assert min(rates) < 10
    assert max(rates) > 40


def test_silence_is_not_taken_for_loss(evidence: Evidence) -> None:
    """In A's pauses B's browser makes comfort noise; it conceals nothing, as it would for packets that are lost."""
    pairs = list(zip(evidence.moments, evidence.moments[1:], strict=False))
    silent = [later.concealed > earlier.concealed for earlier, later in pairs if later.sent - earlier.sent <= 4]
    assert len(silent) >= 5
    assert sum(silent) <= len(silent) / 5


def test_what_a_loses_is_sent_anew(evidence: Evidence) -> None:
    """The server asks for it, A's browser sends it again, and the report about A's microphone has next to no loss."""
    assert evidence.a["nackCount"] >= 5
    assert evidence.a["retransmittedPacketsSent"] >= 10
    assert evidence.a["told_packetsLost"] <= 3


def test_c_is_told_what_it_loses(evidence: Evidence) -> None:
    """Nothing is asked for where it was not negotiated: what is lost stays lost, and the report says how much."""
    assert evidence.c["nackCount"] == 0
    assert evidence.c["retransmittedPacketsSent"] == 0
    assert evidence.c["told_packetsLost"] == pytest.approx(LOSSY_S * 50 * LOSS, rel=0.6)


def test_what_b_loses_is_sent_anew(evidence: Evidence) -> None:
    """B's browser asks, the server sends it again, and next to nothing stays lost of a sound that lost twice."""
    assert evidence.b_hears["nackCount"] >= 10
    assert evidence.b_hears["packetsLost"] <= 3


def test_c_sees_what_it_does_not_hear(evidence: Evidence) -> None:
    """Of the same floor, without NACK: the losses on the way to C."""
    assert evidence.c_hears.get("nackCount", 0) == 0
    assert evidence.c_hears["packetsLost"] == pytest.approx(LOSSY_S * 50 * LOSS, rel=0.6)
