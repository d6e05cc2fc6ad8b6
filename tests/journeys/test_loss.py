"""Loss on the way in: what the analysis gives out of what arrived, how soon, and what recognition makes of it.

Stock aiortc sends real speech through real UDP, DTLS and SRTP, with copies of lost packets in those behind them as
browsers send them (in-band FEC), but without retransmissions. In a network namespace nftables drops packets at random.
Many talk at once, so that a run takes little longer than one recording; recognition is what takes its time.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from math import sqrt
from statistics import pvariance

import numpy as np
import pytest

from media_server.analysis.analyser import Analyser, Analysis
from media_server.analysis.reorder import ReorderBuffer
from media_server.analysis.segments import Segment
from media_server.packet import AudioPacket
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from tests.media_server.analysis.streams import between_silence, utterances
from tests.media_server.rtc.browser import Browser
from tests.support.caller import Sound, as_sent
from tests.support.namespace import Host, network
from tests.support.opus import encode
from tests.support.recognised import errors
from tests.support.recordings import Recording

pytestmark = [
    pytest.mark.soak,
    pytest.mark.journey,
    pytest.mark.timeout(480),
    pytest.mark.blocks_loop("the callers are stock aiortc, whose handshakes are on this loop"),
]

FIRST_PORT = 7000
TICK_S = 0.02
"""How often rooms let time pass while somebody speaks."""
EXPECTED_LOSS = 10
"""Percent; how much loss the senders' encoders are told to be ready for."""
FEW = {0: 1, 10: 1}
MANY = {0: 1, 1: 2, 3: 2, 5: 3, 10: 4}
"""Percent of loss -> how often each recording is said."""
AT_ONCE = 15
"""Talks; with more of them, what is measured would be the load of this process."""


class Watched:
    """A reorder buffer, and how long what it gave out was in it."""

    def __init__(self) -> None:
        self._buffer = ReorderBuffer()
        self.delays: list[float] = []

    @property
    def waits(self) -> bool:
        return self._buffer.waits

    def push(self, packet: AudioPacket) -> list[AudioPacket]:
        return self._note(self._buffer.push(packet))

    def release(self, now: float) -> list[AudioPacket]:
        return self._note(self._buffer.release(now))

    def reset(self) -> None:
        self._buffer.reset()

    def _note(self, given: list[AudioPacket]) -> list[AudioPacket]:
        now = time.monotonic()
        self.delays += (now - packet.arrived for packet in given)
        return given


@dataclass
class Talk:
    """One recording said once, and what became of it."""

    recording: Recording
    sounds: Sequence[Sound]
    analyser: Analyser
    watched: Watched = field(default_factory=Watched)
    arrived: int = 0
    segments: list[Segment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.analyser._reorder = self.watched  # type: ignore[assignment]

    def hear(self, packet: AudioPacket) -> None:
        self.arrived += 1
        self.segments += self.analyser.push(packet)

    async def run(self, browser: Browser) -> None:
        """Say it at the pace of speech."""
        began = time.monotonic()
        for number, sound in enumerate(self.sounds):
            for part in (0.0, 0.5):
                await asyncio.sleep(max(0.0, began + (number + part) * TICK_S - time.monotonic()))
                if part:
                    self.segments += self.analyser.tick(time.monotonic())
                else:
                    await browser.speak(number, sound.payload, level=sound.level)
        await asyncio.sleep(0.2)
        self.segments += self.analyser.tick(time.monotonic()) + self.analyser.close()

    @property
    def heard(self) -> list[bytes]:
        """The sound of each utterance."""
        return [pcm for *_, pcm in utterances(self.segments)]


@dataclass(frozen=True)
class Level:
    """What came of so much loss."""

    talks: list[Talk]
    # Of each talk: errors, words, and the errors without loss.
    words: list[tuple[int, int, int]]

    @property
    def lost(self) -> float:
        """Part of what was sent that did not arrive."""
        return 1 - sum(talk.arrived for talk in self.talks) / sum(len(talk.sounds) for talk in self.talks)

    @property
    def given(self) -> float:
        """Part of what arrived that was given to the decoder."""
        return sum(len(talk.watched.delays) for talk in self.talks) / sum(talk.arrived for talk in self.talks)

    @property
    def delay_p95_ms(self) -> float:
        return float(np.percentile([delay for talk in self.talks for delay in talk.watched.delays], 95)) * 1000

    @property
    def word_error_rate(self) -> float:
        return 100 * sum(wrong for wrong, _, _ in self.words) / self._said

    @property
    def rise(self) -> float:
        """By how many points the word error rate is above that without loss."""
        return 100 * sum(wrong - before for wrong, _, before in self.words) / self._said

    @property
    def uncertainty(self) -> float:
        """The standard error of the rise, in points: each talk is one draw of chance."""
        return 100 * sqrt(len(self.words) * pvariance([wrong - before for wrong, _, before in self.words])) / self._said

    @property
    def _said(self) -> int:
        return sum(words for _, words, _ in self.words)


def as_browsers_send(recording: Recording) -> list[Sound]:
    """Give a recording's packets with their levels, and with copies."""
    samples = between_silence(recording.samples, 0.5, 0.5)
    payloads = encode(samples, fec_percent=EXPECTED_LOSS)
    return [sound._replace(payload=payload) for sound, payload in zip(as_sent(samples), payloads, strict=True)]


def drop(host: Host, levels: Sequence[int]) -> None:
    """Let RTP and RTCP (RFC 7983: first bits 10) to each level's port be lost at random, and nothing else."""
    lines = [
        f"udp dport {FIRST_PORT + percent} @th,64,2 2 numgen random mod 100 < {percent} drop"
        for percent in levels
        if percent
    ]
    host.nft("table inet loss { chain in { type filter hook input priority 0;\n" + "\n".join(lines) + "\n}\n}\n")


async def say(talks: Sequence[tuple[int, Talk]]) -> None:
    """Let all talk at once, each level to a port of its own."""
    async with AsyncExitStack() as stack:
        endpoints: dict[int, RtcEndpoint] = {}
        calls: list[tuple[Talk, Browser]] = []
        for percent, talk in talks:
            if percent not in endpoints:
                settings = RtcSettings(host="127.0.0.1", port=FIRST_PORT + percent)
                endpoints[percent] = await stack.enter_async_context(RtcEndpoint(settings))
            peer = endpoints[percent].new_peer()
            browser = await stack.enter_async_context(Browser(slots=0))
            await browser.connect(peer)
            peer.on_packet = talk.hear
            calls.append((talk, browser))
        async with asyncio.TaskGroup() as group:
            for number, (talk, browser) in enumerate(calls):
                group.create_task(talk.run(browser))
                await asyncio.sleep(TICK_S / len(calls) if number else 0)


def run(recordings: Sequence[Recording], takes: dict[int, int]) -> dict[int, Level]:
    """Say every recording so often at each level, and count what recognition gets wrong."""
    analysis = Analysis.load()
    sounds = {recording.name: as_browsers_send(recording) for recording in recordings}
    talks = {
        percent: [Talk(each, sounds[each.name], analysis()) for each in recordings for _ in range(times)]
        for percent, times in takes.items()
    }
    with network() as net:
        host = net.host("room")
        drop(host, list(takes))
        every = [(percent, talk) for percent, those in talks.items() for talk in those]
        for first in range(0, len(every), AT_ONCE):
            with host.entered():
                asyncio.run(say(every[first : first + AT_ONCE]))
    found = iter(errors((talk.recording.text, talk.heard) for _, talk in every))
    counted = {percent: [(talk.recording.name, *next(found)) for talk in those] for percent, those in talks.items()}
    without: dict[str, int] = defaultdict(int, {name: wrong for name, wrong, _ in counted[0]})
    return {
        percent: Level(talks[percent], [(wrong, words, without[name]) for name, wrong, words in each])
        for percent, each in counted.items()
    }


def show(levels: dict[int, Level]) -> None:
    """Print the table of the README."""
    print("\n| loss | really | given of what arrived | buffer delay p95 | word error rate | rise | words |")  # noqa: T201
    for percent, level in levels.items():
        print(  # noqa: T201
            f"| {percent} % | {100 * level.lost:.1f} % | {100 * level.given:.1f} % | {level.delay_p95_ms:.0f} ms "
            f"| {level.word_error_rate:.1f} % | {level.rise:+.1f} ± {level.uncertainty:.1f} | {level._said} |"
        )


@pytest.fixture(scope="module")
def levels(recordings: tuple[Recording, ...]) -> dict[int, Level]:
    """Say the two shortest once."""
    found = run(sorted(recordings, key=lambda recording: recording.duration_s)[:2], FEW)
    show(found)
    return found


@pytest.mark.parametrize("percent", FEW)
def test_what_arrives_is_given_out_soon(levels: dict[int, Level], percent: int) -> None:
    """Of what arrives 99 % and more reaches the decoder, 95 % of it within 80 ms."""
    level = levels[percent]
    assert level.lost == pytest.approx(percent / 100, abs=0.04)
    assert level.given >= 0.99
    assert level.delay_p95_ms <= 80


@pytest.mark.parametrize("percent", [percent for percent in FEW if percent])
def test_recognition_suffers_no_more_than_the_sound(levels: dict[int, Level], percent: int) -> None:
    """The word error rate rises by no more than the loss and 2 points; chance is allowed for, the words being few."""
    level = levels[percent]
    assert level.rise <= percent + 2 + 2 * level.uncertainty


@pytest.mark.timeout(1800)
def test_with_many_words_chance_needs_no_allowance(recordings: tuple[Recording, ...]) -> None:
    """At each level: 99 % given out, 80 ms, and the loss plus 2 points."""
    found = run(recordings, MANY)
    show(found)
    for percent, level in found.items():
        assert level.given >= 0.99
        assert level.delay_p95_ms <= 80
        assert level.rise <= percent + 2
