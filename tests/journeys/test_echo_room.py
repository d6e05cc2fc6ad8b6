"""Two people in one physical room: what Ben's loudspeaker says, Ben's microphone brings back.

Ann reads in English; Ben, a real browser, hears her in Spanish by a loudspeaker that is heard in his microphone at
-12 dB, 150 ms later. The page's own echo cancellation is off (`?raw=1`): the server's guard is looked at. Ben
speaks English, so whatever passes the guard is recognised, by a real engine, as something he never said.
"""

import asyncio
import itertools
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from media_server.settings import MediaSettings
from pipeline.messages import AudioChunk, Speech, Transcript
from tests.journeys.overheard import Overheard, monotonic_s, overhearing
from tests.journeys.visitor import Visitor, visitor
from tests.journeys.whole_system import whole_system
from tests.support.acoustics import asked_for, furnish, say
from tests.support.caller import Caller, as_sent, call
from tests.support.chromium import playwright
from tests.support.recordings import Recording
from tests.support.similarity import word_errors
from tests.support.urgent import urgent

pytestmark = [
    pytest.mark.journey,
    pytest.mark.soak,
    pytest.mark.blocks_loop("Ann is stock aiortc, and encodes what she says on this loop"),
]

ROOM = "kitchen"
# Between two of Ann's sentences.
PAUSE_S = 0.8
# Before and after Ben's own words, what is recognised may still be his: the segmenter's margins.
MARGIN_S = 1.5
# The part of what Ben says that must come back as captions. How many of the words are right is the
# engine's affair: pocketsphinx gets most of them wrong where another voice is only some 8 dB below.
CAPTIONED = 0.8


class Span(NamedTuple):
    """From when till when, in monotonic seconds."""

    begins: float
    ends: float


@dataclass
class Evidence:
    """What came of it."""

    overheard: Overheard
    ann: str
    ben: str
    # When Ben did speak, and what.
    spoke: list[tuple[Span, Recording]] = field(default_factory=list)
    asked: dict[str, object] = field(default_factory=dict)

    def utterances(self) -> dict[str, Span]:
        """Give Ben's utterances with words in them, and when they were said."""
        found = {}
        for text in self.overheard.messages.of(Transcript, lambda each: each.is_final and each.user_id == self.ben):
            if text.payload:
                chunks = self.overheard.messages.of(
                    AudioChunk,
                    lambda chunk, it=text.utterance_id: chunk.utterance_id == it,  # type: ignore[misc]
                )
                begins = monotonic_s(chunks[0].utterance_started_at_ms)
                found[text.utterance_id] = Span(begins, begins + max(chunk.start_ms for chunk in chunks) / 1000)
        return found

    def looped(self) -> list[str]:
        """Give the utterances that Ben never said."""
        return [
            utterance
            for utterance, said in self.utterances().items()
            if not any(
                said.begins < span.ends + MARGIN_S and said.ends > span.begins - MARGIN_S for span, _ in self.spoke
            )
        ]

    def captioned(self) -> list[tuple[str, str]]:
        """Give what Ben said and what was recognised of it."""
        finals = self.overheard.messages.of(Transcript, lambda each: each.is_final and each.user_id == self.ben)
        utterances = self.utterances()
        pairs = []
        for span, recording in self.spoke:
            texts = [
                each.payload
                for each in finals
                if each.payload
                and utterances[each.utterance_id].begins < span.ends
                and utterances[each.utterance_id].ends > span.begins
            ]
            pairs.append((recording.text, " ".join(texts).lower()))
        return pairs


async def read_aloud(ann: Caller, sentences: Sequence[Recording], seconds: float) -> None:
    """Let Ann read for a while, with pauses."""
    until = time.monotonic() + seconds
    for recording in itertools.cycle(sentences):
        if time.monotonic() > until:
            return
        ann.microphone.play(await asyncio.to_thread(as_sent, recording.samples))
        await asyncio.sleep(recording.duration_s + PAUSE_S)


async def talk_over(ben: Visitor, evidence: Evidence, recording: Recording) -> None:
    """Let Ben say something, whatever sounds."""
    begins, ends = await say(ben.page, recording.samples)
    evidence.spoke.append((Span(monotonic_s(begins), monotonic_s(ends)), recording))


async def evening(recordings: Sequence[Recording], *, guard: bool, before_s: float, turns: int) -> Evidence:
    """Let Ann read, first alone, then with Ben talking over her translation so many times."""
    async with AsyncExitStack() as stack:
        stack.enter_context(urgent())
        system = await stack.enter_async_context(whole_system(media=MediaSettings(echo_guard=guard)))
        overheard = await stack.enter_async_context(overhearing(system))
        driver = await stack.enter_async_context(playwright())
        ben = await stack.enter_async_context(visitor(driver, None))
        await furnish(ben.page)
        ann = await stack.enter_async_context(call(system.url, ROOM, name="Ann", speaks="en", hears="en"))
        await ben.join(system.url, ROOM, name="Ben", speaks="en", hears="es")
        evidence = Evidence(overheard, ann.participant_id, ben.participant_id, asked=await asked_for(ben.page))
        turn_s = 11.0
        reading = asyncio.create_task(
            read_aloud(ann, [recordings[4], recordings[2], recordings[3]], before_s + turns * turn_s)
        )
        await asyncio.sleep(before_s)
        for number in range(turns):
            await talk_over(ben, evidence, recordings[(0, 1)[number % 2]])
            await asyncio.sleep(max(0.0, turn_s - recordings[0].duration_s))
        await reading
        await overheard.settled(limit_s=40)
        assert ben.complaints == []
        return evidence


def report(evidence: Evidence) -> None:
    """Say what was measured; shown by `pytest -s`."""
    voiced = {
        each.utterance_id for each in evidence.overheard.messages.of(Speech, lambda each: each.user_id == evidence.ann)
    }
    errors = [word_errors(said, heard) for said, heard in evidence.captioned()]
    print(f"Ann's voices {len(voiced)}, looped {len(evidence.looped())}, Ben's word errors {errors}")  # noqa: T201


def captioned_part(evidence: Evidence) -> float:
    """Give the part of the time in which Ben spoke that utterances of his with words in them cover."""
    utterances = evidence.utterances().values()
    covered = sum(
        max(0.0, min(said.ends, span.ends) - max(said.begins, span.begins))
        for span, _ in evidence.spoke
        for said in utterances
    )
    return covered / sum(span.ends - span.begins for span, _ in evidence.spoke)


@pytest.mark.timeout(120)
async def test_what_the_loudspeaker_says_is_not_recognised_again(recordings: tuple[Recording, ...]) -> None:
    """Ann is heard; nothing of her voice becomes Ben's words; what Ben says over it does."""
    evidence = await evening(recordings, guard=True, before_s=8.0, turns=1)
    report(evidence)
    assert {evidence.asked[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl")} == {False}
    assert evidence.overheard.messages.of(Speech, lambda each: each.user_id == evidence.ann)
    assert evidence.looped() == []
    assert all(text for _, text in evidence.captioned())
    assert captioned_part(evidence) >= CAPTIONED


@pytest.mark.timeout(300)
async def test_two_minutes_of_it_loop_nothing(recordings: tuple[Recording, ...]) -> None:
    """The same for longer: Ben talks over the voice nine times."""
    evidence = await evening(recordings, guard=True, before_s=20.0, turns=9)
    report(evidence)
    assert len({each.utterance_id for each in evidence.overheard.messages.of(Speech)}) > 15
    assert evidence.looped() == []
    assert all(text for _, text in evidence.captioned())
    assert captioned_part(evidence) >= CAPTIONED


@pytest.mark.timeout(120)
async def test_without_the_guard_it_loops(recordings: tuple[Recording, ...]) -> None:
    """Ben is said to have said what only his loudspeaker did: the leak is one, and the guard is what keeps it out."""
    evidence = await evening(recordings, guard=False, before_s=20.0, turns=0)
    report(evidence)
    assert len(evidence.looped()) >= 2
