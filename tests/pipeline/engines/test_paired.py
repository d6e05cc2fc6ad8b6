"""Two engines that hear together."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.engine import EngineCrashedError, EngineError
from pipeline.engines.paired import PairedTranscriber
from pipeline.engines.transcriber import Hypothesis, Transcriber, Word
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranscription, words
from tests.fakes.standing import StandingTranscriber
from tests.fakes.virtual_time import VirtualLoop, virtual_time

SECOND = bytes(32_000)
ROUGH, PRECISE = "we won tome to say", "we went home to stay"


class Sure(ScriptedTranscriber):
    """Says of every word but the newest that it never changes any more."""

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Any:
        return _Sure(await super().open(language, speaker, hints))


class _Sure:
    def __init__(self, session: ScriptedTranscription) -> None:
        self._session = session
        self.peek, self.finish, self.abort = session.peek, session.finish, session.abort

    async def push(self, pcm: bytes) -> Hypothesis:
        heard = await self._session.push(pcm)
        return Hypothesis(heard.words, heard.language, 0.9, max(0, len(heard.words) - 1))


def fast(text: str = ROUGH, **options: Any) -> ScriptedTranscriber:
    return ScriptedTranscriber(words(text), **options)


def accurate(text: str = PRECISE, **options: Any) -> Sure:
    return Sure(words(text), **options)


@virtual_time
async def test_fast_words_are_shown_and_accurate_ones_stay() -> None:
    """The accurate engine's settled words, the fast one's behind them; in the end the accurate one's alone."""
    paired: Transcriber = PairedTranscriber(fast(), accurate(lag_ms=400))
    utterance = await paired.open("en", "anna")
    shown = []
    for _ in range(5):
        heard = await utterance.push(SECOND[:6_400])
        await asyncio.sleep(0.01)
        shown.append((heard.text, heard.stable))
    assert shown == [("we", 0), ("we won", 0), ("we won tome", 0), ("we won tome to", 0), ("we won tome to say", 1)]
    assert (await utterance.peek()).text == PRECISE
    assert (await utterance.finish()).text == PRECISE


@virtual_time
async def test_nobody_waits_for_the_accurate_engine_while_somebody_speaks() -> None:
    """Its sound waits, and is given to it in one piece when it is ready; at the end it has had everything."""
    slow = accurate(delay_s=1.0)
    utterance = await PairedTranscriber(fast(), slow).open("en")
    began = asyncio.get_running_loop().time()
    for _ in range(10):
        await utterance.push(SECOND[:3_200])
        await asyncio.sleep(0.1)
    assert asyncio.get_running_loop().time() - began == pytest.approx(1.0)
    assert (await utterance.finish()).text == PRECISE
    assert slow.calls.count("push") == 2


@virtual_time
async def test_if_the_fast_one_fails_nothing_is_lost() -> None:
    """The accurate one's words are shown from then on."""
    utterance = await PairedTranscriber(fast(faults=[None, EngineCrashedError()]), accurate()).open("en")
    await utterance.push(SECOND[:16_000])
    heard = await utterance.push(SECOND[:16_000])
    assert heard.text == PRECISE
    assert (await utterance.finish()).text == PRECISE


@virtual_time
async def test_if_the_accurate_one_fails_the_fast_one_goes_on() -> None:
    """What was settled stays, and the fast one's words are final."""
    utterance = await PairedTranscriber(fast(), accurate(faults=[None, EngineCrashedError()])).open("en")
    await utterance.push(SECOND[:16_000])
    await asyncio.sleep(0.01)
    heard = await utterance.push(SECOND[:16_000])
    assert (heard.text, heard.stable) == ("we won tome to say", 1)
    await asyncio.sleep(0.01)
    assert (await utterance.push(b"")).stable is None
    assert (await utterance.peek()).text == "we won tome to say"
    assert (await utterance.finish()).text == "we won tome to say"


@virtual_time
async def test_if_the_accurate_one_fails_at_the_end_the_fast_one_ends_it() -> None:
    """Behind what was settled."""
    utterance = await PairedTranscriber(fast(), accurate(faults=[None, EngineCrashedError()])).open("en")
    await utterance.push(SECOND)
    assert (await utterance.finish()).text == "we went home to say"


@virtual_time
async def test_if_both_fail_it_is_told() -> None:
    """Then it is opened anew, and heard from its beginning."""
    utterance = await PairedTranscriber(
        fast(faults=[EngineError("fast")]), accurate(faults=[EngineError("accurate")])
    ).open("en")
    with pytest.raises(EngineError, match="accurate"):
        await utterance.push(SECOND)
    with pytest.raises(EngineError):
        await utterance.finish()
    await utterance.abort()


class Shut(ScriptedTranscriber):
    """Can open nothing."""

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Any:
        raise EngineError("shut")


@virtual_time
async def test_one_that_cannot_be_opened_is_done_without() -> None:
    """Whichever it is; without both there is nothing."""
    for pair, text in (((Shut(), accurate()), PRECISE), ((fast(), Shut()), ROUGH)):
        utterance = await PairedTranscriber(*pair).open("en")
        await utterance.push(SECOND)
        assert (await utterance.finish()).text == text
    with pytest.raises(EngineError, match="shut"):
        await PairedTranscriber(Shut(), Shut()).open("en")


@virtual_time
async def test_a_language_that_one_of_them_knows_is_heard_by_that_one() -> None:
    """So it is where both would ask the same engine."""
    quick, exact = fast(languages=["en", "fr"]), accurate(languages=["en", "de"])
    paired = PairedTranscriber(quick, exact)
    assert paired.languages == {"en", "fr", "de"}
    await paired.open("fr")
    await paired.open("de")
    assert (len(quick.sessions), len(exact.sessions)) == (1, 1)
    await PairedTranscriber(quick, exact, alike=lambda language: language == "en").open("en")
    assert (len(quick.sessions), len(exact.sessions)) == (1, 2)


@virtual_time
async def test_an_utterance_that_is_forgotten_is_forgotten_by_both() -> None:
    """Also while sound is on its way; twice is harmless."""
    quick, exact = fast(), accurate(delay_s=5.0)
    utterance = await PairedTranscriber(quick, exact).open("en")
    await utterance.push(SECOND)
    await utterance.abort()
    await utterance.abort()
    assert [session.over for session in (*quick.sessions, *exact.sessions)] == [True, True]


def test_together_they_are_described_as_one() -> None:
    """Named after both; what is told of a chain is told of the accurate one, whose words stay."""
    paired = PairedTranscriber(StandingTranscriber("quick", languages=["en", "fr"]), Laddered())
    assert (paired.info.name, paired.info.stage, paired.info.streams) == ("exact with quick", "recognition", True)
    assert paired.fallen == {"en": 1}
    assert (paired.serving("en"), paired.serving("fr")) == ("spare", "quick")


class Laddered(StandingTranscriber):
    """Has fallen to its spare."""

    def __init__(self) -> None:
        super().__init__("exact")
        self.fallen = {"en": 1}

    def serving(self, language: str) -> str:
        return "spare"


Faults = st.lists(st.sampled_from([None, None, None, "broken"]), max_size=8)


def faults(script: Iterable[str | None]) -> list[Exception | None]:
    return [None if fault is None else EngineError(fault) for fault in script]


@given(Faults, Faults, st.lists(st.integers(1, 15), min_size=1, max_size=8), st.integers(0, 600))
def test_what_is_stable_is_never_taken_back(
    fast_faults: list[str | None], accurate_faults: list[str | None], steps: list[int], lag_ms: int
) -> None:
    """Whatever breaks when: stable words stay where they are, and every word has its place in time."""

    async def story() -> None:
        quick = fast(faults=faults(fast_faults))
        exact = accurate(lag_ms=lag_ms, faults=faults(accurate_faults))
        utterance = await PairedTranscriber(quick, exact).open("en")
        stable: tuple[Word, ...] = ()
        try:
            for step in steps:
                heard = await utterance.push(SECOND[: 3_200 * step % 32_000])
                await asyncio.sleep(0.01)
                assert heard.words[: len(stable)] == stable
                stable = heard.words[: heard.stable or len(stable)]
                assert list(heard.words) == sorted(heard.words, key=lambda word: word.start_ms)
            final = await utterance.finish()
            assert final.words[: len(stable)] == stable
        except EngineError:
            assert "broken" in fast_faults
            assert "broken" in accurate_faults
        finally:
            await utterance.abort()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(story())
