"""From a clause's voice leaving the server to its sounding at a listener: what is reported, beside what is true.

Real rooms and connections, voices put in by hand. A stock aiortc caller sees the very packets; a Chromium with the real
page plays them, and a tap on its track tells when sound really came out of it.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import numpy as np
import pytest
from prometheus_client import REGISTRY

from media_server.events import Event
from media_server.participant import Participant
from media_server.peer import PeerState
from media_server.room import Room
from media_server.utterance import Utterance
from parley.system import System
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer
from tests.fakes.speech import record
from tests.journeys.visitor import Visitor, visitor
from tests.journeys.whole_system import whole_system
from tests.support.caller import Caller, Heard, call
from tests.support.chromium import playwright
from tests.support.opus import encode
from tests.support.until import until

pytestmark = [pytest.mark.journey, pytest.mark.soak]

ROOM = "ears"
CLAUSES = 3
CLOSE_MS = 30
# The tap is read by a script that shares two cores with all of this, and the page adds what the way to the loudspeaker
# takes (30 ms with Chromium's fake one), which the tap does not know of.
CLOSE_IN_A_BROWSER_MS = 120

# Notes when a track that was silent becomes loud: before the page knows of it, at the moment the sound is handed out.
TAP = """
window.__loud = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...settings) {
    super(...settings);
    const tap = ({ track }) => track.addEventListener('unmute', () => listen(track), { once: true });
    this.addEventListener('track', tap);
  }
};
async function listen(track) {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  let wasLoud = false;
  let last = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const now = performance.timeOrigin + performance.now();
    const samples = new Float32Array(value.numberOfFrames);
    value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    const isLoud = samples.some((sample) => Math.abs(sample) > 0.02);
    // While nothing comes nothing is handed out: a pause is one even if the sound before it did not fade.
    if (isLoud && (!wasLoud || now - last > 300)) window.__loud.push(now);
    [wasLoud, last] = [isLoud, now];
    value.close();
  }
}
"""


class Engines:
    """English into Spanish."""

    transcriber = ScriptedTranscriber()
    translator = ScriptedTranslator()
    voicer = ScriptedVoicer()


class Speaker:
    """Somebody without a connection, whose voices are put into the room by hand."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.participant: Participant = room.join(
            participant_id="ann",
            name="Ann",
            speaking_language="en",
            listening_language="en",
            original="off",
            events=ignore,
        )
        self._number = 0

    def say(self, packets: list[bytes]) -> Utterance:
        """Let the voice of a clause come whose words ended just now."""
        self._number += 1
        now_ms = time.time_ns() // 1_000_000
        utterance = Utterance(f"u{self._number}", "ann", self._number, now_ms - 1_000)
        self.room.utterance_started(self.participant.speaker, utterance)
        utterance.ended_at_ms = utterance.speech_ended_at_ms = now_ms
        self.room.utterance_ended(self.participant.speaker, utterance)
        speech = record(utterance, end=True, last=True, ended_at_ms=now_ms, room_id=ROOM)
        self.room.speech(msgspec.structs.replace(speech, packets=tuple(packets)))
        return utterance


def ignore(event: Event) -> None:
    """Ann has no page."""


def tone() -> list[bytes]:
    """Give sound that begins at once, with silence behind it: browsers go on with what they heard last."""
    sound = np.sin(np.arange(6_400) * 0.17) * 12_000
    return encode(np.concatenate([sound, np.zeros(6_400)]).astype(np.int16))


def heard_count() -> float:
    labels = {"source": "en", "target": "es"}
    return REGISTRY.get_sample_value("parley_mouth_to_ear_seconds_count", labels) or 0.0


@asynccontextmanager
async def speaking() -> AsyncIterator[tuple[System, Speaker]]:
    async with whole_system(Engines()) as system:
        await until(lambda: system.rooms.paths.can("en", "es"), limit_s=20)
        yield system, Speaker(system.rooms.open(ROOM))


async def connected(system: System, listener_id: str) -> None:
    """Wait until the server's end of a connection stands, too: what is sent before is lost."""
    room = system.rooms.get(ROOM)
    assert room is not None
    peer = room.participants[listener_id]._peer
    assert peer is not None
    await until(lambda: peer.state is PeerState.CONNECTED)


def heard_at_ms(system: System, listener_id: str, utterance: Utterance) -> int | None:
    """Say when the books have it that somebody heard an utterance."""
    room = system.rooms.get(ROOM)
    assert room is not None
    return room.participants[listener_id].listener.soundings.heard_at_ms(utterance.utterance_id, 0, ("es", "Latn"))


async def test_a_caller_sees_the_packet_that_was_named() -> None:
    """`sounding` names the first packet of each clause's voice, which comes at the time that is reported."""
    async with speaking() as (system, ann), call(system.url, ROOM, name="Ben", speaks="es", hears="es") as ben:
        await connected(system, ben.participant_id)
        before = heard_count()
        differences = [await told_apart(system, ann, ben) for _ in range(CLAUSES)]
        assert abs(statistics.median(differences)) <= CLOSE_MS, differences
        assert heard_count() - before == CLAUSES


async def told_apart(system: System, ann: Speaker, ben: Caller) -> float:
    """Say something that a caller reports; give by how much the books are later than the packet, in ms."""
    sound = tone()
    utterance = ann.say(sound)
    asked = await ben.wait_for("sounding", lambda it: bool(it["utterance_id"] == utterance.utterance_id))

    def named() -> list[Heard]:
        return [packet for packet in ben.heard[asked["mid"]] if packet.timestamp == asked["rtp_timestamp"]]

    await until(lambda: bool(named()))
    (first,) = named()
    assert first.payload == sound[0]
    age_s = time.monotonic() - first.at
    arrived_at_ms = (time.time() - age_s) * 1_000
    await ben.send(
        type="heard", utterance_id=utterance.utterance_id, clause=0, language="es", ago_ms=round(age_s * 1_000)
    )
    await until(lambda: heard_at_ms(system, ben.participant_id, utterance) is not None)
    await asyncio.sleep(0.8)
    return (heard_at_ms(system, ben.participant_id, utterance) or 0) - arrived_at_ms


async def test_a_page_reports_when_it_really_sounds() -> None:
    """Chromium's own word of which packet it plays, against the sound itself; and the drawer draws it."""
    async with speaking() as (system, ann), playwright() as driver, visitor(driver, None) as ben:
        await ben.page.add_init_script(TAP)
        await ben.join(system.url, ROOM, name="Ben", speaks="es", hears="es")
        await connected(system, ben.participant_id)
        differences = [await difference(system, ann, ben) for _ in range(CLAUSES)]
        assert abs(statistics.median(differences)) <= CLOSE_IN_A_BROWSER_MS, differences
        await ben.page.evaluate("document.querySelector('#open-stats').click()")
        await difference(system, ann, ben)
        row = "#stats-bars > li"
        await ben.page.wait_for_selector(f"{row} rect[data-stage=heard]", state="attached")
        assert ben.complaints == []


async def difference(system: System, ann: Speaker, ben: Visitor) -> float:
    """Say something; give by how much what was reported is later than the truth, in ms."""
    before = len(await loud(ben))
    utterance = ann.say(tone())
    await until(lambda: heard_at_ms(system, ben.participant_id, utterance) is not None, limit_s=8)
    async with asyncio.timeout(8):
        while len(await loud(ben)) <= before:  # noqa: ASYNC110 - the page does not call us
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)
    assert [it for it in ben.events("sounding") if it["utterance_id"] == utterance.utterance_id]
    return (heard_at_ms(system, ben.participant_id, utterance) or 0) - (await loud(ben))[before]


async def loud(ben: Visitor) -> list[float]:
    found: list[float] = await ben.page.evaluate("window.__loud")
    return found
