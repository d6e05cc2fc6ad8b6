"""One utterance in an engine of a chain."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from pipeline.engines.chain import Chain
from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engine import EngineError, EngineTimeoutError
from pipeline.engines.rung import Rung, new_breaker
from pipeline.engines.watched import WatchedTranscription
from tests.fakes.engines import words
from tests.fakes.standing import StandingTranscriber
from tests.fakes.virtual_time import virtual_time

SETTINGS = ChainSettings(failures=1)


class Story:
    """A chain, and an utterance in the first of its engines."""

    def __init__(self, *engines: StandingTranscriber, within_s: float = 5.0) -> None:
        self.rungs = [Rung(at, engine, new_breaker(SETTINGS), "en", SETTINGS) for at, engine in enumerate(engines)]
        self.chain = Chain(self.rungs, within_s)
        self.breaks = 0

    async def open(self) -> WatchedTranscription:
        session = await self.rungs[0].engine.open("en")
        return WatchedTranscription(session, self.rungs[0].begin(), self.rungs[0], self.chain, self.broke)

    def broke(self) -> None:
        self.breaks += 1


def answered(story: Story) -> float:
    labels = {"stage": "recognition", "engine": story.rungs[0].name, "rung": "0"}
    return REGISTRY.get_sample_value("parley_engine_served_total", labels) or 0.0


def two(**options: Any) -> Story:
    return Story(StandingTranscriber("best", words("yes"), **options), StandingTranscriber("plain"))


@virtual_time
async def test_it_is_answered_at_the_end() -> None:
    """Words that come meanwhile prove nothing; those at the end do."""
    story = two(faults=[EngineError()])
    utterance = await story.open()
    with pytest.raises(EngineError):
        await utterance.push(bytes(320))
    assert (story.rungs[0].closed, story.breaks) == (False, 1)
    utterance = await story.open()
    await utterance.push(bytes(32_000))
    assert (await utterance.finish()).text == "yes"
    assert not story.rungs[0].closed, "it was not the trial"


@virtual_time
async def test_what_was_said_at_a_peek_is_an_answer() -> None:
    """Most utterances end with that, and are never finished."""
    story = Story(StandingTranscriber("peeked", words("yes")))
    utterance = await story.open()
    await utterance.push(bytes(32_000))
    assert answered(story) == 0
    assert (await utterance.peek()).text == "yes"
    await utterance.abort()
    assert answered(story) == 1


@virtual_time
async def test_what_fails_after_a_peek_is_a_failure() -> None:
    """Somebody who pauses and goes on is still in the same utterance."""
    story = two(faults=[None, None, EngineError()])
    utterance = await story.open()
    await utterance.push(bytes(320))
    await utterance.peek()
    with pytest.raises(EngineError):
        await utterance.push(bytes(320))
    assert not story.rungs[0].closed


@virtual_time
async def test_one_that_is_forgotten_blames_nobody() -> None:
    """Nor does it praise."""
    story = two()
    utterance = await story.open()
    await utterance.abort()
    assert story.rungs[0].closed
    assert story.rungs[0].engine.sessions[0].over


@virtual_time
async def test_it_is_given_up_when_another_engine_would_be_quicker() -> None:
    """The longer the new sound, the longer it may take."""
    story = two(delay_s=4.0)
    with pytest.raises(EngineTimeoutError):
        await (await story.open()).push(bytes(320))
    story = two(delay_s=4.0)
    await (await story.open()).push(bytes(32_000 * 2))


@virtual_time
async def test_alone_it_may_take_its_time() -> None:
    """There is nobody who would be quicker."""
    story = Story(StandingTranscriber("best", words("yes"), delay_s=9.0))
    utterance = await story.open()
    await utterance.push(bytes(32_000))
    assert (await utterance.finish()).text == "yes"
