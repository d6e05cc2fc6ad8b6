import asyncio
from collections.abc import AsyncIterator

import pytest

from pipeline.engines.engine import EngineBusyError, EngineError, EngineRefusedError, RequestTooLargeError
from pipeline.engines.transcriber import Word
from pipeline.engines.windowed.utterance import HALT_MS, Decoded, WindowedUtterance
from tests.support.until import until

SECOND = b"\x00\x10" * 16_000


class Spelling:
    """Hears a word for each second, `1`, `2` ..., by how much sound it is given; what it is told to say, it raises."""

    def __init__(self) -> None:
        # Seconds of each window.
        self.windows: list[float] = []
        self.failures: list[EngineError] = []
        self.delay_s = 0.0
        self.cancelled = 0
        self.since = 0

    async def __call__(self, pcm: bytes) -> Decoded:
        self.windows.append(len(pcm) / 32_000)
        try:
            await asyncio.sleep(self.delay_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failures:
            raise self.failures.pop(0)
        seconds = len(pcm) // 32_000
        words = [Word(f"{self.since + n + 1}", n * 1_000 + 100, n * 1_000 + 900) for n in range(seconds)]
        return Decoded(tuple(words), "es")


@pytest.fixture
def ear() -> Spelling:
    return Spelling()


@pytest.fixture
async def utterance(ear: Spelling) -> AsyncIterator[WindowedUtterance]:
    opened = WindowedUtterance(ear, "auto", step_ms=1_000, window_ms=10_000)
    yield opened
    await opened.abort()


async def heard(utterance: WindowedUtterance, pcm: bytes) -> None:
    await utterance.push(pcm)
    await until(lambda: utterance._interim is None or utterance._interim.done())


async def test_words_settle_when_two_windows_agree(utterance: WindowedUtterance) -> None:
    """All but the last, which may have been cut short."""
    await heard(utterance, SECOND)
    await heard(utterance, SECOND)
    hypothesis = await utterance.push(b"")
    assert (hypothesis.text, hypothesis.stable, hypothesis.language) == ("1 2", 1, "es")
    assert (await utterance.finish()).text == "1 2"


async def test_windows_are_a_step_apart_and_one_at_a_time(utterance: WindowedUtterance, ear: Spelling) -> None:
    """Sound that comes meanwhile goes into the next one."""
    ear.delay_s = 0.02
    for _ in range(10):
        await utterance.push(SECOND[: len(SECOND) // 2])
        await asyncio.sleep(0)
    await until(lambda: utterance._interim is None or utterance._interim.done())
    assert ear.windows == [1.0]
    await heard(utterance, b"")
    assert ear.windows == [1.0, 5.0]


async def test_the_end_waits_for_a_window_that_holds_everything(utterance: WindowedUtterance, ear: Spelling) -> None:
    """Nothing is paid for twice."""
    ear.delay_s = 0.02
    await utterance.push(SECOND)
    await asyncio.sleep(0)
    peeked = await utterance.peek()
    assert await utterance.finish() == peeked
    assert ear.windows == [1.0]


async def test_the_end_gives_up_a_window_that_is_late(utterance: WindowedUtterance, ear: Spelling) -> None:
    """And asks for all sound."""
    ear.delay_s = 0.05
    await utterance.push(SECOND)
    await asyncio.sleep(0.01)
    await utterance.push(SECOND[:8_000])
    assert (await utterance.finish()).text == "1"
    assert (ear.windows, ear.cancelled) == ([1.0, 1.25], 1)


async def test_silence_is_not_asked_about(utterance: WindowedUtterance, ear: Spelling) -> None:
    """Nothing is invented for it, and nothing paid."""
    await heard(utterance, bytes(64_000))
    assert (await utterance.peek()).words == ()
    assert (await utterance.finish()).words == ()
    assert ear.windows == []


async def test_an_interim_window_that_fails_costs_only_interim_text(
    utterance: WindowedUtterance, ear: Spelling
) -> None:
    """None is tried for a while; the end is heard all the same."""
    ear.failures = [EngineBusyError("too often", 1)]
    await heard(utterance, SECOND)
    await heard(utterance, SECOND)
    assert (await utterance.push(b"")).words == ()
    assert ear.windows == [1.0]
    await heard(utterance, SECOND * (HALT_MS // 1_000))
    assert ear.windows == [1.0, 7.0]
    assert (await utterance.finish()).text == "1 2 3 4 5 6 7"


async def test_a_refusal_is_told_at_once(utterance: WindowedUtterance, ear: Spelling) -> None:
    """Trying again would be useless."""
    ear.failures = [EngineRefusedError("no", "pay")]
    await heard(utterance, SECOND)
    for call in (utterance.push(b""), utterance.peek(), utterance.finish()):
        with pytest.raises(EngineRefusedError):
            await call


async def test_a_peek_that_fails_leaves_the_utterance_as_it_is(utterance: WindowedUtterance, ear: Spelling) -> None:
    """The end is heard."""
    ear.failures = [EngineError("x")]
    await utterance.push(SECOND[:16_000])
    with pytest.raises(EngineError):
        await utterance.peek()
    await utterance.push(SECOND[16_000:])
    assert (await utterance.finish()).text == "1"


async def test_a_long_utterance_is_not_sent_from_its_beginning(ear: Spelling) -> None:
    """Settled words stay; their sound is not sent again."""
    utterance = WindowedUtterance(ear, "en", step_ms=1_000, window_ms=3_000)
    for second in range(6):
        ear.since = round(utterance._since_ms / 1_000)
        await heard(utterance, SECOND)
        assert utterance._length_ms == (second + 1) * 1_000
    finished = await utterance.finish()
    assert finished.text == "1 2 3 4 5 6"
    assert max(ear.windows) < 5


async def test_abandoning_it_gives_its_window_up(utterance: WindowedUtterance, ear: Spelling) -> None:
    """By abort, and by cancelling the end; then it is over."""
    ear.delay_s = 10
    await utterance.push(SECOND)
    await asyncio.sleep(0)
    finishing = asyncio.create_task(utterance.finish())
    await asyncio.sleep(0.01)
    finishing.cancel()
    await asyncio.wait([finishing])
    assert ear.cancelled == 1
    await utterance.abort()
    with pytest.raises(EngineError, match="over"):
        await utterance.push(b"")


async def test_an_endless_utterance_is_refused(utterance: WindowedUtterance) -> None:
    """What is kept is bounded."""
    with pytest.raises(RequestTooLargeError):
        await utterance.push(bytes(121 * 32_000))


async def test_without_a_step_only_the_end_is_asked_for(ear: Spelling) -> None:
    """Where each time is paid for."""
    utterance = WindowedUtterance(ear, "en", step_ms=0, window_ms=10_000)
    for _ in range(5):
        await utterance.push(SECOND)
    assert (await utterance.finish()).text == "1 2 3 4 5"
    assert ear.windows == [5.0]
