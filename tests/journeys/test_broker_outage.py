"""The broker dies, or hangs, while somebody talks: the original goes on, and the translation comes back by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline.bus.kafka.bus import KafkaBus
from pipeline.messages import AudioChunk, Speech
from pipeline.settings import KafkaSettings
from tests.journeys.company import company
from tests.journeys.overheard import find, monotonic_s
from tests.support.broker import BrokerProcess, broker
from tests.support.caller import Caller, Sound, as_sent
from tests.support.child import Child
from tests.support.kafka_node import kafka_node
from tests.support.kafka_workers import bus_url, create_topics, translates, workers
from tests.support.opus import PACKET_MS
from tests.support.recordings import Recording
from tests.support.until import until

pytestmark = [
    pytest.mark.journey,
    pytest.mark.timeout(240),
    pytest.mark.blocks_loop("the node's process is asked and ended on this loop, which has callers' handshakes too"),
]

LEAD_S = 4.0
"""Speech before the broker goes."""
LONG_S = 30.0
NOTICE_S = 3.0
BACK_S = 5.0
VOICE_S = 15.0
"""After the return, until a voice is heard again at the latest: a clause has to be said before it can be spoken."""
TAIL_S = 1.0
"""Of that voice, so much is listened to."""
LATE_S = 0.5
"""How much longer than others a packet of the original may be on its way; the callers share this process."""
SPEECH_MS = 10_500
"""After the end of its clause a voice may still begin: `media.voice_turn_ms`, and the time to send a packet."""


@dataclass
class Records:
    """What came by the bus, as another node would see it."""

    # How long each chunk of sound had been at the node when it was published, in ms.
    ages_ms: list[int] = field(default_factory=list)
    # Packet of a voice -> the end of its clause's sound, in epoch ms.
    ended_at_ms: dict[bytes, int] = field(default_factory=dict)

    async def read(self, bus: KafkaBus) -> None:
        async with bus.subscribe(AudioChunk.TOPIC, Speech.TOPIC) as records:
            async for record in records:
                message = record.message
                if isinstance(message, AudioChunk) and message.payload:
                    self.ages_ms.append(record.timestamp_ms - (message.times.captured_at_ms or 0))
                elif isinstance(message, Speech):
                    self.ended_at_ms.update(dict.fromkeys(message.packets, message.ended_at_ms))


@dataclass
class Outage:
    """What was seen of one. Times in monotonic seconds."""

    sent: Sequence[Sound]
    begun_at: float
    gone_at: float = 0.0
    back_at: float = 0.0
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    records: Records = field(default_factory=Records)


@asynccontextmanager
async def reading(bootstrap: str, records: Records) -> AsyncIterator[None]:
    async with KafkaBus(KafkaSettings(bootstrap_servers=bootstrap)) as bus:
        task = asyncio.create_task(records.read(bus))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


def speech(recordings: Sequence[Recording], seconds: float) -> list[Sound]:
    """Give so much of somebody who reads on and on."""
    sounds = [sound for recording in recordings for sound in as_sent(recording.samples)]
    wanted = int(seconds * 1000 / PACKET_MS)
    return (sounds * (wanted // len(sounds) + 1))[:wanted]


async def live_through(
    it: BrokerProcess, node: Child, callers: Sequence[Caller], outage: Outage, *, hangs: bool, seconds: float
) -> None:
    """Let Ann talk, take the broker away and bring it back, and wait until Ben is spoken to again."""
    _, ben, _ = callers
    await asyncio.sleep(LEAD_S)
    node.ask("begin")
    outage.before = node.ask("figures")
    outage.gone_at = time.monotonic()
    if hangs:
        it.stop()
    else:
        await it.kill()
    await ben.wait_for("notice", lambda notice: notice["code"] == "translation_paused", limit_s=10)
    await asyncio.sleep(outage.gone_at + seconds - time.monotonic())
    if hangs:
        it.resume()
    else:
        await it.start()
    outage.back_at = time.monotonic()
    await ben.wait_for("notice", lambda notice: notice["code"] == "translation_resumed", limit_s=20)
    resumed_at = told_at(ben, "translation_resumed", outage.back_at)
    await until(lambda: ben.on("voice") != [] and ben.on("voice")[-1].at > resumed_at, VOICE_S)
    await asyncio.sleep(TAIL_S)
    outage.after = node.ask("figures")


def told_at(caller: Caller, code: str, after: float) -> float:
    """Say when somebody was first told this, after that moment."""
    return next(
        t.at for t in caller.told if t.message["type"] == "notice" and t.message["code"] == code and t.at > after
    )


def judge(outage: Outage, ann: Caller, ben: Caller, cat: Caller) -> dict[str, float]:
    """Check everything that must hold, and give what was measured."""
    heard = cat.on("floor")
    span = find([sound.payload for sound in outage.sent], heard)
    assert span is not None, "the original has a gap"
    transits = [
        packet.at - max(sent for sent in ann.microphone.sent_at[packet.payload] if sent <= packet.at)
        for packet in heard[span.at : span.at + len(outage.sent)]
    ]
    figures = {
        "notice_s": told_at(ben, "translation_paused", outage.gone_at) - outage.gone_at,
        "back_s": told_at(ben, "translation_resumed", outage.back_at) - outage.back_at,
        "voice_s": min(p.at for p in ben.on("voice") if p.at > told_at(ben, "translation_resumed", outage.back_at))
        - outage.back_at,
        "late_s": max(transits) - sorted(transits)[len(transits) // 2],
        "lag_p99_ms": outage.after["lag_p99_ms"],
        "grown_mb": outage.after["resident_mb"] - outage.before["resident_mb"],
        "oldest_sound_ms": max(outage.records.ages_ms),
    }
    voices = [(packet.at, outage.records.ended_at_ms.get(packet.payload)) for packet in ben.on("voice")]
    ages_ms = [(at - monotonic_s(ended)) * 1000 for at, ended in voices if ended is not None and at > outage.back_at]
    figures["oldest_voice_ms"] = max(ages_ms)
    return figures


def within_limits(figures: dict[str, float]) -> None:
    print({name: round(value, 2) for name, value in figures.items()})  # noqa: T201
    assert figures["notice_s"] < NOTICE_S, figures
    assert figures["back_s"] < BACK_S, figures
    assert figures["voice_s"] < VOICE_S, figures
    assert figures["late_s"] < LATE_S, figures
    assert figures["lag_p99_ms"] < 20, figures
    assert figures["grown_mb"] < 20, figures
    assert figures["oldest_sound_ms"] <= 5_000, figures
    assert figures["oldest_voice_ms"] <= SPEECH_MS, figures


async def run(recordings: Sequence[Recording], log: Path, *, hangs: bool, seconds: float) -> None:
    said = await asyncio.to_thread(speech, recordings, LEAD_S + seconds + VOICE_S + 12)
    async with broker() as it:
        await create_topics(it.bootstrap)
        with kafka_node(log, bus_url(it.bootstrap)) as node:
            async with workers(it.bootstrap):
                url = (await asyncio.to_thread(lambda: node.greeting))["url"]
                await translates(url, "en", "es")
                outage = Outage(said, 0.0)
                async with (
                    reading(it.bootstrap, outage.records),
                    company(url, "storm", Ann="en", Ben="es", Cat="en") as callers,
                ):
                    outage.begun_at = callers[0].microphone.play(said)
                    await live_through(it, node, callers, outage, hangs=hangs, seconds=seconds)
                    outage.sent = said[: int((time.monotonic() - outage.begun_at - 1) * 1000 / PACKET_MS)]
                    figures = judge(outage, *callers)
                    floors = [packet for packet in callers[1].on("floor") if packet.at < outage.back_at]
    assert floors[-1].at > outage.back_at - 1, "Ben was left in silence"
    within_limits(figures)


@pytest.mark.soak
@pytest.mark.parametrize("hangs", [False, True], ids=["killed", "stopped"])
async def test_half_a_minute_without_the_broker(hangs: bool, recordings: tuple[Recording, ...], tmp_path: Path) -> None:
    """Whether it dies or hangs: no gap, no lag, no growth, and nothing old is spoken when it is back."""
    await run(recordings, tmp_path / "node.log", hangs=hangs, seconds=LONG_S)
