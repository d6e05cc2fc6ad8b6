"""The main job, seen from three real browsers: A speaks English, B hears Spanish, C hears English.

A's microphone is a WAV of LibriVox recordings. The journey is made once; each test looks at what was seen and heard.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from media_server.rooms import Rooms
from tests.journeys.visitor import Visitor, visitor
from tests.journeys.whole_system import whole_system
from tests.support.alone import apertium, find_spoken
from tests.support.chromium import Recorded, negotiations, playwright, recorded
from tests.support.recordings import SAMPLE_RATE, Recording, Samples, recordings, silence, write_wav
from tests.support.similarity import Signal, envelope, stretched_match, word_errors
from tests.support.until import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

ROOM = "garden"
# Time for A to join, the last of the three, before the first word.
LEAD_S = 10.0


@dataclass(frozen=True)
class Script:
    """What A says and when, in seconds of A's microphone."""

    samples: Samples
    starts: Mapping[str, float]
    said: tuple[Recording, ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def write_script() -> Script:
    """Lay the recordings out: five while all is well, the fifth right behind the fourth; one more after the failure."""
    r0870, r0880, r0890, r0920, r0930 = recordings()
    parts = [
        (r0930, "0930", 6.0),
        (r0890, "0890", 8.0),
        (r0880, "0880", 6.0),
        (r0920, "0920", 1.2),
        # B switches to English in the middle of this, while the voice of 0920 still sounds.
        (r0870, "0870", 6.0),
        # A's analysis fails before this.
        (r0890, "after", 4.0),
    ]
    sound = [silence(LEAD_S)]
    starts, at = {}, LEAD_S
    for recording, name, pause_s in parts:
        starts[name] = at
        sound += [recording.samples, silence(pause_s)]
        at += recording.duration_s + pause_s
    return Script(np.concatenate(sound), starts, (r0930, r0890, r0880, r0920, r0870))


@dataclass
class Evidence:
    """What was seen and heard."""

    speaker_id: str = ""
    slots: dict[str, set[str]] = field(default_factory=dict)
    # Of B, before the switch.
    captions_b: list[dict[str, Any]] = field(default_factory=list)
    shown_b: list[str] = field(default_factory=list)
    floor_packets_b: int = -1
    voice_packets_b: int = 0
    # Of B, around the switch: ms from the click, by mid.
    first_after_switch: Mapping[str, float] = field(default_factory=dict)
    last_after_switch: Mapping[str, float] = field(default_factory=dict)
    negotiations_b: int = 0
    notices_b: list[dict[str, Any]] = field(default_factory=list)
    floor_packets_after_failure_b: int = 0
    sound_b: Recorded = field(default_factory=Recorded)
    # Of C, before and after the failure.
    captions_c: list[dict[str, Any]] = field(default_factory=list)
    shown_c: list[str] = field(default_factory=list)
    notices_c: list[dict[str, Any]] = field(default_factory=list)
    voice_packets_c: int = 0
    sound_c: Recorded = field(default_factory=Recorded)
    # Of A.
    packets_a: int = -1
    events_a: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Journey:
    """Three people and what becomes of them."""

    def __init__(self, rooms: Rooms, script: Script, a: Visitor, b: Visitor, c: Visitor) -> None:
        self.rooms, self.script, self.a, self.b, self.c = rooms, script, a, b, c
        self.evidence = Evidence()
        self._microphone_on = 0.0

    async def until(self, name: str, offset_s: float) -> None:
        """Wait for a moment of A's script."""
        due = self._microphone_on + self.script.starts[name] + offset_s
        await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def make(self, url: str) -> Evidence:
        """Join, listen, switch, fail."""
        await self.b.join(url, ROOM, name="Bea", speaks="es", hears="es")
        await self.c.join(url, ROOM, name="Cat", speaks="en", hears="en")
        # The WAV begins with the first use of the microphone, which is when A's form opens.
        self._microphone_on = time.monotonic()
        await self.a.join(url, ROOM, name="Ann", speaks="en", hears="en")
        assert time.monotonic() - self._microphone_on < LEAD_S - 1, "joining took longer than the script allows"
        self.evidence.speaker_id = self.a.participant_id
        self.evidence.slots = {kind: self.b.mids(kind) for kind in ("floor", "voice")}
        await self.listen()
        await self.switch()
        await self.fail()
        await self.depart()
        return self.evidence

    async def listen(self) -> None:
        """Hear three recordings, one after the other."""
        await self.until("0920", -0.5)
        evidence = self.evidence
        evidence.captions_b, evidence.shown_b = self.b.finals(), await self.b.captions_shown()
        evidence.floor_packets_b = await self.b.packets("floor")
        evidence.voice_packets_b = await self.b.packets("voice")
        evidence.notices_b = self.b.events("notice")

    async def switch(self) -> None:
        """B, hearing 0920 in Spanish while A already says 0870, asks for English."""
        began = len(self.b.events("suppress_original"))
        await self.until("0920", 2.0)
        await until(lambda: len(self.b.events("suppress_original")) > began, limit_s=10)
        await self.until("0870", 1.0)
        self.evidence.first_after_switch, self.evidence.last_after_switch = await self.b.hear_instead("en")
        self.evidence.negotiations_b = await negotiations(self.b.page)
        await self.until("0870", 10.5)
        self.evidence.captions_c, self.evidence.shown_c = self.c.finals(), await self.c.captions_shown()

    async def fail(self) -> None:
        """B hears Spanish again; then what understands A breaks, and goes on breaking."""
        await self.b.hear_instead("es", watched_ms=100)
        floor = await self.b.packets("floor")
        before = len(self.b.events("notice")), len(self.c.events("notice"))
        speaker = self.rooms.open(ROOM).participants[self.evidence.speaker_id].speaker

        def broken() -> Any:
            raise RuntimeError("made to fail on purpose")

        speaker._new_analyser = broken
        speaker._analyser = None
        await self.until("after", 7.0)
        self.evidence.floor_packets_after_failure_b = await self.b.packets("floor") - floor
        self.evidence.notices_b = self.b.events("notice")[before[0] :]
        self.evidence.notices_c = self.c.events("notice")[before[1] :]

    async def depart(self) -> None:
        """Take what was recorded."""
        evidence = self.evidence
        evidence.voice_packets_c = await self.c.packets("voice")
        evidence.packets_a = await self.a.packets("floor") + await self.a.packets("voice")
        evidence.events_a = [message for _, message in self.a.told]
        evidence.sound_b, evidence.sound_c = await recorded(self.b.page), await recorded(self.c.page)
        evidence.complaints = [complaint for person in (self.a, self.b, self.c) for complaint in person.complaints]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def script() -> Script:
    return write_script()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def evidence(tmp_path_factory: pytest.TempPathFactory, script: Script) -> AsyncIterator[Evidence]:
    """Make the journey."""
    folder: Path = tmp_path_factory.mktemp("microphones")
    quiet = await asyncio.to_thread(write_wav, folder / "quiet.wav", silence(300))
    speech = await asyncio.to_thread(write_wav, folder / "speech.wav", script.samples)
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(whole_system())
        driver = await stack.enter_async_context(playwright())
        a = await stack.enter_async_context(visitor(driver, speech))
        b = await stack.enter_async_context(visitor(driver, quiet))
        c = await stack.enter_async_context(visitor(driver, quiet))
        yield await Journey(system.rooms, script, a, b, c).make(system.url)


def sound_of(heard: Recorded, mids: set[str]) -> Signal:
    """Give the envelope of the one slot of these that sounded."""
    tracks = [track for mid, track in heard.items() if mid in mids]
    assert len(tracks) == 1, f"sound on {len(tracks)} slots of one kind, expected one"
    return envelope(tracks[0].samples, 48_000)


def test_b_hears_nothing_of_the_original_while_the_voice_speaks(evidence: Evidence) -> None:
    """B's floor slots stay silent, and B's voice slot carries the translation."""
    assert evidence.floor_packets_b == 0
    assert evidence.voice_packets_b > 100


async def test_b_hears_what_espeak_makes_of_the_spanish_text(evidence: Evidence) -> None:
    """Each Spanish caption's text, spoken by espeak on its own, is found in what B's page played."""
    played = sound_of(evidence.sound_b, evidence.slots["voice"])
    matches = [await find_spoken(c["text"], evidence.speaker_id, played) for c in evidence.captions_b]
    assert len(matches) >= 3
    assert min(score for score, _ in matches) > 0.8
    assert [at for _, at in matches] == sorted(at for _, at in matches), "the clauses were heard in another order"


def test_bs_captions_are_apertiums_spanish(evidence: Evidence) -> None:
    """B's captions end as exactly what Apertium makes of the recognised text, and the panel shows them."""
    assert [c["text"] for c in evidence.captions_b] == [apertium(c["source_text"]) for c in evidence.captions_b]
    assert evidence.shown_b == [c["text"] for c in evidence.captions_b]
    assert {c["language"] for c in evidence.captions_b} == {"es"}


def test_cs_captions_are_the_recognised_text(evidence: Evidence, script: Script) -> None:
    """C reads what was recognised, with at most a third of the words wrong."""
    read = " ".join(c["text"] for c in evidence.captions_c).lower()
    errors, words = word_errors(" ".join(recording.text for recording in script.said), read)
    assert errors / words <= 0.33, f"{errors} of {words} words wrong: {read}"
    assert evidence.shown_c == [c["text"] for c in evidence.captions_c]
    sources = [c["source_text"] for c in evidence.captions_b]
    assert [c["text"] for c in evidence.captions_c][: len(sources)] == sources


def test_c_hears_the_original_and_no_voice(evidence: Evidence, script: Script) -> None:
    """C hears A's own voice, throughout the failure of A's analysis too, and no synthesized one."""
    played = sound_of(evidence.sound_c, evidence.slots["floor"])
    for recording in script.said:
        score = stretched_match(envelope(recording.samples, SAMPLE_RATE), played)
        assert score > 0.9, f"{recording.name}: {score}"
    begins = round((script.starts["after"] - script.starts["0930"]) * 100)
    score = stretched_match(envelope(script.said[1].samples, SAMPLE_RATE), played[begins:])
    assert score > 0.9, f"after the failure: {score}"
    assert evidence.voice_packets_c == 0
    assert evidence.notices_c == []


def test_a_hears_nothing_of_itself(evidence: Evidence) -> None:
    """Nothing at all comes in on A's slots: the others are silent."""
    assert evidence.packets_a == 0
    assert not [e for e in evidence.events_a if e["type"] == "slot" and e["speaker_id"] == evidence.speaker_id]


def test_b_switches_to_english_within_300_ms(evidence: Evidence) -> None:
    """The voice stops and the original comes, without renegotiation."""
    voice = [at for mid, at in evidence.last_after_switch.items() if mid in evidence.slots["voice"]]
    floor = [at for mid, at in evidence.first_after_switch.items() if mid in evidence.slots["floor"]]
    assert max(voice, default=0.0) <= 300
    assert len(floor) == 1
    assert floor[0] <= 300
    assert evidence.negotiations_b == 1


def test_b_hears_the_original_when_the_analysis_fails(evidence: Evidence) -> None:
    """B gets the floor back, and is told."""
    assert evidence.floor_packets_after_failure_b > 200
    assert "translation_paused" in [notice["code"] for notice in evidence.notices_b]


def test_no_page_complains(evidence: Evidence) -> None:
    """No script of the page failed on the way."""
    assert evidence.complaints == []
