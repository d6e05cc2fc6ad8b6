"""One utterance being heard: interim passes while it grows, peeks, and the final pass."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from pipeline.engines.engine import EngineError, RequestTooLargeError
from pipeline.engines.options.faster_whisper import TRAINED_S, FasterWhisperOptions
from pipeline.engines.transcriber import Hypothesis
from pipeline.engines.whisper.agreement import Agreement
from pipeline.engines.whisper.batcher import Batcher
from pipeline.engines.whisper.decoding import FRAMES_PER_SECOND, Job, Words
from pipeline.engines.whisper.language import Spoken
from pipeline.engines.whisper.line import Rank
from pipeline.engines.whisper.model import Plan
from pipeline.engines.whisper.windows import GrowingSound, Window

LONGEST_S = 120
"""Seconds of sound in one utterance; the segmenter cuts long before."""
BYTES_PER_SECOND = 32_000
PIECE_BYTES = 5 * BYTES_PER_SECOND
"""So much sound is taken at once; what is longer than a window is decoded piece by piece."""
LONGEST_WINDOW_S = 26.0
"""A window that became longer although nothing was agreed on is decoded at once, and cut this much before its end:"""
LEFT_S = 3.0
ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")


class Key(NamedTuple):
    """What a decoding depends on, besides the model."""

    window: Window
    beam_size: int


class Session:
    """One utterance. `push` does not wait for the model, whose words come with a later one.

    What `peek` found is not decoded again by `finish` if nothing but silence was pushed in between.
    """

    def __init__(
        self,
        sound: GrowingSound,
        batcher: Batcher[Job, Words],
        options: FasterWhisperOptions,
        plan: Plan,
        *,
        prompt: tuple[int, ...],
        language: Spoken,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        """`heard` is called once there is a final text."""
        self._sound = sound
        self._batcher = batcher
        self._options = options
        self._plan = plan
        self._prompt = prompt
        self._language = language
        self._heard = heard
        self._agreement = Agreement()
        # The latest decoding, and what it was of.
        self._known: tuple[Key, Words] | None = None
        # Up to where the latest interim pass looked, and those that are not over: one is being decoded, one waits.
        self._looked_ms = 0
        self._passes: set[asyncio.Task[None]] = set()
        # Up to where sound is to be let go before more is taken; threads work on it meanwhile.
        self._let_go_ms = 0
        self._bytes = 0
        self._over = False

    @property
    def over(self) -> bool:
        """Whether it was finished or aborted."""
        return self._over

    async def push(self, pcm: bytes) -> Hypothesis:
        self._check()
        self._bytes += len(pcm)
        if self._bytes > LONGEST_S * BYTES_PER_SECOND:
            raise RequestTooLargeError(f"an utterance of more than {LONGEST_S} s")
        for at in range(0, len(pcm), PIECE_BYTES):
            job = await asyncio.to_thread(self._take, pcm[at : at + PIECE_BYTES])
            await self._shorten()
        if pcm and job is not None and not self._over:
            self._begin(*job)
        return self._hypothesis(self._agreement.words)

    async def peek(self) -> Hypothesis:
        self._check()
        return self._hypothesis(await self._all_words(Rank.SPECULATION))

    async def finish(self) -> Hypothesis:
        self._check()
        self._end()
        words = await self._all_words(Rank.FINAL)
        self._heard()
        return self._hypothesis(words)

    async def abort(self) -> None:
        self._end()

    def _check(self) -> None:
        if self._over:
            raise EngineError("the utterance is over")

    def _end(self) -> None:
        self._over = True
        for task in tuple(self._passes):
            task.cancel()

    def _hypothesis(self, words: Words) -> Hypothesis:
        spoken = self._language
        return Hypothesis(words, spoken.tag, spoken.probability, len(self._agreement.committed))

    def _take(self, pcm: bytes) -> tuple[Key, Job] | None:
        """Take more sound, and give what an interim pass should look at, if there is news."""
        self._sound.forget(self._let_go_ms)
        self._sound.take(pcm)
        window = self._sound.window(TRAINED_S)
        step_ms = round(self._options.step_s * 1000)
        if window is None or window.end_ms - max(self._looked_ms, window.start_ms) < step_ms:
            return None
        key = Key(window, 1)
        return key, self._job(key)

    def _begin(self, key: Key, job: Job) -> None:
        self._looked_ms = key.window.end_ms
        task = asyncio.create_task(self._interim(key, job), name="whisper interim")
        self._passes.add(task)
        task.add_done_callback(self._passes.discard)

    async def _interim(self, key: Key, job: Job) -> None:
        window = key.window
        try:
            words = await self._batcher.ask(job, rank=Rank.INTERIM, owner=self)
        except EngineError:
            # The next pass, or the final one, says more; what is wrong with the model is in the log, and told there.
            return
        self._known = (key, words)
        self._agreement.hear(words, window.start_ms)
        if self._agreement.committed:
            self._language.settle()
        if window.seconds > self._options.window_s:
            self._let_go_ms = max(self._let_go_ms, self._sentence_end_ms(window))

    def _sentence_end_ms(self, window: Window) -> int:
        """Say where the next window may begin: behind the last committed sentence, or else the last committed word."""
        within = [word for word in self._agreement.committed if word.end_ms > window.start_ms]
        ends = [word.end_ms for word in within if word.text.endswith(ENDS)]
        return (ends or [word.end_ms for word in within] or [window.start_ms])[-1]

    async def _shorten(self) -> None:
        """Bring a window that the model could not look at as a whole down to what it can: its beginning is final."""
        while (window := self._sound.window(LONGEST_WINDOW_S)) and window.seconds >= LONGEST_WINDOW_S:
            words = await self._decode(window, Rank.FINAL)
            until_ms = window.end_ms - round(LEFT_S * 1000)
            self._agreement.force(words, window.start_ms, until_ms)
            behind = self._agreement.words[len(self._agreement.committed) :]
            # A word across the cut is heard again as a whole, unless it is as long as no word is.
            cut_ms = min([until_ms, *(word.start_ms for word in behind)])
            self._let_go_ms = max(cut_ms, until_ms - round(LEFT_S * 1000))
            self._sound.forget(self._let_go_ms)

    async def _all_words(self, rank: Rank) -> Words:
        self._sound.forget(self._let_go_ms)
        window = self._sound.window(TRAINED_S)
        if window is None:
            return self._agreement.committed
        words = await self._decode(window, rank)
        return (*self._agreement.committed, *self._agreement.rest(words, window.start_ms))

    async def _decode(self, window: Window, rank: Rank) -> Words:
        key = Key(window, self._plan.beam_size)
        if self._known is None or self._known[0] != key:
            job = await asyncio.to_thread(self._job, key)
            self._known = (key, await self._batcher.ask(job, rank=rank, owner=self))
        return self._known[1]

    def _job(self, key: Key) -> Job:
        frames = key.window.last - key.window.first
        return Job(
            features=self._sound.features(key.window, width_of(frames, self._plan.pad_to_s)),
            frames=frames,
            start_ms=key.window.start_ms,
            prompt=self._prompt,
            beam_size=key.beam_size,
            language=self._language.asked(key.window.seconds),
        )


def width_of(frames: int, pad_to_s: float) -> int:
    """Say how many frames a window is filled up to: a multiple of `pad_to_s`, with half a second of silence in it."""
    step, most = round(pad_to_s * FRAMES_PER_SECOND), round(TRAINED_S * FRAMES_PER_SECOND)
    return min(most, -(-(frames + FRAMES_PER_SECOND // 2) // step) * step)
