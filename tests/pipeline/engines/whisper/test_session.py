"""One utterance being heard, by a model that follows a script."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from pipeline.engines.engine import EngineError, RequestTooLargeError
from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.transcriber import Hypothesis
from pipeline.engines.whisper.batcher import Batcher
from pipeline.engines.whisper.decoding import Job, Words
from pipeline.engines.whisper.language import FixedLanguage
from pipeline.engines.whisper.model import Plan
from pipeline.engines.whisper.session import Session, width_of
from pipeline.engines.whisper.spectrogram import Spectrogram
from pipeline.engines.whisper.speech import anything
from pipeline.engines.whisper.windows import GrowingSound
from tests.fakes.engines import words
from tests.support.until import until

SECOND = 32_000
PLAN = Plan("cpu", "float32", beam_size=1, pad_to_s=2.0, threads=1)
SCRIPT = words(" ".join(f"w{number}" for number in range(600)), start_ms=70)
"""A word every 200 ms."""


class Model:
    """Hears the words of the script that are whole in a window; it can be held, and be made to fail."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.free = threading.Event()
        self.free.set()
        self.broken = False

    def work(self, jobs: Sequence[Job]) -> list[Words]:
        self.jobs += jobs
        self.free.wait(5)
        if self.broken:
            raise RuntimeError
        return [
            tuple(
                word
                for word in SCRIPT
                if word.start_ms >= job.start_ms and word.end_ms <= job.start_ms + job.frames * 10
            )
            for job in jobs
        ]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def batcher(model: Model) -> AsyncIterator[Batcher[Job, Words]]:
    async with Batcher(model.work, fits=lambda *_: True, most=8, wait_s=0.0, queue=50) as started:
        yield started
        model.free.set()


def session(batcher: Batcher[Job, Words], plan: Plan = PLAN) -> Session:
    sound = GrowingSound(Spectrogram(np.ones((1, 201), np.float32)), anything)
    return Session(
        sound, batcher, FasterWhisperOptions(window_s=6.0), plan, prompt=(), language=FixedLanguage("en", "en")
    )


def loud(seconds: float) -> bytes:
    return np.full(round(16_000 * seconds), 4_000, "<i2").tobytes()


def first(count: int) -> str:
    return " ".join(word.text for word in SCRIPT[:count])


async def settled(heard: Session) -> None:
    """Wait for the interim passes that were begun."""
    await until(lambda: not heard._passes)


async def listen(heard: Session, seconds: float) -> Hypothesis:
    """Push so much sound, and let each interim pass end before more comes."""
    hypothesis = Hypothesis((), "en")
    for _ in range(round(seconds * 5)):
        hypothesis = await heard.push(loud(0.2))
        await settled(heard)
    return hypothesis


async def test_words_come_while_somebody_still_speaks(batcher: Batcher[Job, Words]) -> None:
    """With a later push; what two passes agree on is stable."""
    heard = session(batcher)
    hypothesis = await listen(heard, 2.0)
    assert hypothesis.text == first(len(hypothesis.words))
    assert len(hypothesis.words) >= 6
    assert 0 < (hypothesis.stable or 0) < len(hypothesis.words)


async def test_pushing_does_not_wait_for_the_model(batcher: Batcher[Job, Words], model: Model) -> None:
    """Only one more window waits meanwhile, the newest."""
    model.free.clear()
    heard = session(batcher)
    async with asyncio.timeout(2):
        for _ in range(10):
            assert (await heard.push(loud(0.5))).words == ()
            await asyncio.sleep(0)
    model.free.set()
    await settled(heard)
    assert len(model.jobs) == 2
    assert model.jobs[-1].frames > 490


async def test_the_final_pass_hears_everything(batcher: Batcher[Job, Words]) -> None:
    """Also what no interim pass looked at."""
    heard = session(batcher)
    await listen(heard, 3.0)
    await heard.push(loud(0.4))
    assert (await heard.finish()).text == first(16)


async def test_what_was_peeked_is_not_decoded_again(batcher: Batcher[Job, Words], model: Model) -> None:
    """If nothing but silence came since: the end of an utterance costs nothing then."""
    heard = session(batcher)
    await heard.push(loud(3.0) + bytes(SECOND // 2))
    peeked = await heard.peek()
    await settled(heard)
    count = len(model.jobs)
    await heard.push(bytes(SECOND))
    assert (await heard.finish()).text == peeked.text
    assert len(model.jobs) == count


async def test_sound_since_a_peek_is_decoded(batcher: Batcher[Job, Words]) -> None:
    """The person went on."""
    heard = session(batcher)
    await heard.push(loud(1.0))
    assert (await heard.peek()).text == first(4)
    await heard.push(loud(1.0))
    assert (await heard.finish()).text == first(9)


async def test_the_beginning_is_let_go_once_it_is_certain(batcher: Batcher[Job, Words], model: Model) -> None:
    """Windows stay short, however long somebody speaks, and no word is lost or comes twice."""
    heard = session(batcher)
    hypothesis = await listen(heard, 20.0)
    assert max(job.frames for job in model.jobs) <= 700
    assert hypothesis.words == SCRIPT[: len(hypothesis.words)]
    assert (await heard.finish()).text == first(99)


async def test_a_very_long_piece_is_heard_to_its_end(batcher: Batcher[Job, Words], model: Model) -> None:
    """In windows that the model can look at."""
    heard = session(batcher)
    await heard.push(loud(100.0))
    assert (await heard.finish()).text == first(499)
    assert max(job.frames for job in model.jobs) <= 3_000


async def test_silence_is_never_decoded(batcher: Batcher[Job, Words], model: Model) -> None:
    """The model is not even asked."""
    heard = session(batcher)
    await heard.push(bytes(5 * SECOND))
    assert (await heard.peek()).words == ()
    assert (await heard.finish()).words == ()
    assert model.jobs == []


async def test_a_model_that_fails_is_told_at_the_end(batcher: Batcher[Job, Words], model: Model) -> None:
    """An interim pass that fails costs only its words."""
    model.broken = True
    heard = session(batcher)
    assert (await listen(heard, 2.0)).words == ()
    with pytest.raises(EngineError):
        await heard.peek()
    model.broken = False
    assert (await heard.finish()).text == first(9)


async def test_aborting_takes_its_windows_back(batcher: Batcher[Job, Words], model: Model) -> None:
    """Nothing is decoded for nobody."""
    model.free.clear()
    heard, other = session(batcher), session(batcher)
    await other.push(loud(1.0))
    await until(lambda: bool(model.jobs))
    await heard.push(loud(1.0))
    await asyncio.sleep(0)
    await heard.abort()
    await heard.abort()
    model.free.set()
    await settled(other)
    assert len(model.jobs) == 1
    with pytest.raises(EngineError):
        await heard.peek()


async def test_too_long_an_utterance_is_refused(batcher: Batcher[Job, Words]) -> None:
    """Nobody speaks for more than two minutes without a breath."""
    with pytest.raises(RequestTooLargeError):
        await session(batcher).push(bytes(121 * SECOND))


def test_a_window_is_filled_up_with_silence() -> None:
    """To a multiple, with half a second of it at least, and never beyond what Whisper can look at."""
    assert [width_of(frames, 10.0) for frames in (1, 949, 951, 1_950, 1_951)] == [1_000, 1_000, 2_000, 2_000, 3_000]
    assert [width_of(frames, 30.0) for frames in (1, 2_999)] == [3_000, 3_000]
    assert width_of(2_990, 5.0) == 3_000
