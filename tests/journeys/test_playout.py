"""Voices on their way to the ears: real rooms and real connections, records of speech put on the bus by hand."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest
from prometheus_client import REGISTRY

from media_server.close_reason import CloseReason
from media_server.participant import Participant
from media_server.rooms import Rooms
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from media_server.utterance import Utterance
from pipeline.bus.memory import MemoryBus
from pipeline.messages import Speech
from tests.fakes.analysis import ScriptedAnalysis
from tests.fakes.hall import WORKERS
from tests.fakes.speech import clause, record
from tests.media_server.rtc.browser import Browser
from tests.support.until import until

pytestmark = pytest.mark.journey

INTERRUPTED_WITHIN_S = 0.2
SOON_S = 0.2
BEAT_S = 0.02


class Seat:
    """A participant with a browser, and when what was heard on which slot came."""

    def __init__(self, participant: Participant, browser: Browser) -> None:
        self.participant = participant
        self.browser = browser
        # Monotonic seconds of each packet with sound in it.
        self.times: list[float] = []
        browser.on_heard = self._note

    @property
    def voice(self) -> list[str]:
        """What the voice slots carried, rests left out."""
        heard = [packet for mid in "5678" for packet in self.browser.heard.get(mid, [])]
        return [packet.payload.decode() for packet in heard if len(packet.payload) > 1]

    def _note(self) -> None:
        if len(self.voice) > len(self.times):
            self.times.append(time.monotonic())


class Stage:
    """A room with Ann, who speaks English, and Ben, who hears Spanish."""

    def __init__(self, bus: MemoryBus, analysis: ScriptedAnalysis, ann: Seat, ben: Seat) -> None:
        self.bus = bus
        self.analysis = analysis
        self.ann = ann
        self.ben = ben
        self._spoken = 0

    async def say(self) -> Utterance:
        """Let Ann say something; gives it as voices know it."""
        analyser = self.analysis.made[0]
        analyser.start(now_ms())
        analyser.sound(2)
        await self._send()
        utterance = self.ann.participant.speaker.utterance
        assert utterance is not None
        analyser.end()
        await self._send()
        return utterance

    async def bring(self, records: Sequence[Speech]) -> None:
        """Put what a synthesizer made on the bus."""
        for each in records:
            await self.bus.publish(each)

    async def _send(self) -> None:
        self._spoken += 1
        heard = len(self.analysis.made[0].packets) if self.analysis.made else 0
        await self.ann.browser.speak(self._spoken, b"\x78sound")
        await until(lambda: bool(self.analysis.made) and len(self.analysis.made[0].packets) > heard)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def shifts() -> float:
    return REGISTRY.get_sample_value("parley_voice_schedule_shifts_total") or 0.0


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Give the room with both in it."""
    analysis = ScriptedAnalysis()
    async with (
        MemoryBus() as bus,
        RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint,
        Rooms(bus=bus, new_peer=endpoint.new_peer, analyser_factory=analysis) as rooms,
    ):
        for status in WORKERS.values():
            await bus.publish(msgspec.structs.replace(status, at_ms=now_ms()))
        await until(lambda: rooms.paths.can("en", "es"))
        async with seat(rooms, "ann", "en") as ann, seat(rooms, "ben", "es") as ben:
            stage = Stage(bus, analysis, ann, ben)
            await stage._send()
            yield stage


@asynccontextmanager
async def seat(rooms: Rooms, name: str, language: str) -> AsyncIterator[Seat]:
    """Let somebody join and connect."""
    participant = rooms.open("hall").join(
        participant_id=name,
        name=name,
        speaking_language=language,
        listening_language=language,
        original="off",
        events=lambda _: None,
    )
    async with Browser() as browser:
        await browser.accept(await participant.answer(await browser.offer()))
        await until(lambda: browser.pc.connectionState == "connected")
        await asyncio.sleep(SOON_S)
        yield Seat(participant, browser)
        await participant.leave()


def made(
    utterance: Utterance, number: int = 0, *, packets: int = 2, last: bool = False, age_ms: int = 0
) -> list[Speech]:
    """Give the records of a clause whose audio ended just now, or some time ago."""
    return clause(utterance, number, packets=packets, ended_at_ms=now_ms() - age_ms, last=last)


def payloads(records: Sequence[Speech]) -> list[str]:
    return [packet.decode() for each in records for packet in each.packets]


async def test_the_first_packet_leaves_at_once_and_the_others_at_their_beat(stage: Stage) -> None:
    """A clause that is there whole is heard from its first packet on, one packet every 20 ms, whole."""
    records = made(await stage.say(), packets=25, last=True)
    brought = time.monotonic()
    await stage.bring(records)
    await until(lambda: len(stage.ben.times) == 50)
    assert stage.ben.voice == payloads(records)
    assert stage.ben.times[0] - brought < SOON_S
    assert 49 * BEAT_S - SOON_S < stage.ben.times[-1] - stage.ben.times[0] < 49 * BEAT_S + 3 * SOON_S


@pytest.mark.blocks_loop("what a stall of the loop does is what is tested")
async def test_after_a_stall_nothing_is_hurried(stage: Stage) -> None:
    """The loop stands still for 300 ms: the voice goes on where it was, whole, and not in a burst."""
    records = made(await stage.say(), packets=25, last=True)
    await stage.bring(records)
    await until(lambda: len(stage.ben.times) >= 10)
    before = shifts()
    time.sleep(0.3)  # noqa: ASYNC251 - the stall
    stalled = time.monotonic()
    await until(lambda: len(stage.ben.times) == 50)
    after = [at for at in stage.ben.times if at >= stalled]
    # Five and their neighbours; a burst would be fifteen more.
    assert max(sum(at <= other < at + 0.1 for other in after) for at in after) <= 8
    assert after[-1] - after[0] > (len(after) - 4) * BEAT_S
    assert stage.ben.voice == payloads(records)
    assert shifts() - before >= 1


async def test_whatever_the_order_in_which_it_comes_it_is_heard_in_order_and_once(stage: Stage) -> None:
    """Two utterances, their records shuffled and doubled, one clause a tombstone, one too old: the rest, in order."""
    first, second = await stage.say(), await stage.say()
    clauses = [made(first, number, last=number == 3) for number in range(4)] + [made(second, 0, last=True)]
    clauses[1] = [record(first, 1, skipped=True)]
    clauses[2] = made(first, 2, age_ms=6_000)
    records = [each for part in clauses for each in part] * 2
    random.Random(4).shuffle(records)
    before = lost("late"), lost("failed")
    await stage.bring(records)
    expected = [payload for part in (clauses[0], clauses[3], clauses[4]) for payload in payloads(part)]
    await until(lambda: len(stage.ben.times) >= len(expected))
    await asyncio.sleep(0.2)
    assert stage.ben.voice == expected
    assert (lost("late") - before[0], lost("failed") - before[1]) == (1, 1)


def lost(why: str) -> float:
    return REGISTRY.get_sample_value("parley_voice_clauses_lost_total", {"why": why}) or 0.0


async def remove(participant: Participant) -> None:
    await participant.leave(CloseReason.REMOVED)


async def speak_french(participant: Participant) -> None:
    participant.set_languages(speaking="fr")


@pytest.mark.parametrize("interrupt", [remove, speak_french])
async def test_an_interrupted_voice_is_silent_within_200_ms(
    stage: Stage, interrupt: Callable[[Participant], object]
) -> None:
    """Ann is removed, or speaks another language from now on: of what she said before nothing more is heard."""
    utterance = await stage.say()
    await stage.bring(made(utterance, 0, packets=50))
    await stage.bring(made(utterance, 1, packets=50, last=True))
    await until(lambda: len(stage.ben.times) >= 20)
    interrupted = time.monotonic()
    await interrupt(stage.ann.participant)  # type: ignore[misc]
    await stage.bring(made(utterance, 2, packets=50))
    await asyncio.sleep(0.6)
    assert stage.ben.times[-1] - interrupted < INTERRUPTED_WITHIN_S
    assert len(stage.ben.times) < 40
