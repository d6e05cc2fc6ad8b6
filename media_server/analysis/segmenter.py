"""From frames that are speech or silence to utterances. Pure: no input or output, and time comes from outside."""

from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from media_server.analysis.patience import Patience
from media_server.analysis.segments import Ended, MaybeEnded, Resumed, Segment, Started
from media_server.analysis.settings import FRAME_MS, AnalysisSettings
from media_server.analysis.utterance import Utterance

RESUME_MS = 40
"""Speech that it takes to go on after a possible end: a single frame of it would throw work away for a click."""
HOLD_MS = 300
"""Sound held back just before the maximum, so that it can still be cut at its quietest frame."""


class Frame(NamedTuple):
    """20 ms of sound and what is known of it."""

    # 16 kHz mono s16le.
    pcm: bytes
    speech: bool
    # dB below full scale.
    level: float
    # When its last sample was spoken, in monotonic seconds.
    end: float


class State(StrEnum):
    """Where the segmenter stands."""

    INACTIVE = "inactive"
    ACTIVE = "active"
    SILENCE = "silence"


class Segmenter:
    """INACTIVE -> ACTIVE -> SILENCE -> ACTIVE or INACTIVE, for one speaker.

    Frames follow on each other; a step in time takes a `close`. An utterance at its maximum is cut in a pause: from
    `cut_window_ms` before it on, a pause of `maybe_end_ms` will do, then ever shorter ones; failing that, behind the
    quietest of the last frames. What follows a cut opens the next utterance without a hole (after a pause, as soon as
    speech does, so that an utterance of nothing but silence is never opened).

    Args:
        settings: durations and limits.
        epoch_ms: turns monotonic seconds into epoch milliseconds.
    """

    def __init__(self, settings: AnalysisSettings, epoch_ms: Callable[[float], int]) -> None:
        self._settings = settings
        self._epoch_ms = epoch_ms
        self._patience = Patience(settings.silence_ms, settings.silence_max_ms)
        self._open: Utterance | None = None
        # The last frames while there is no utterance; the oldest are forgotten beyond the pre-speech buffer.
        self._before: deque[Frame] = deque()
        self._run_ms = 0
        # After a cut in a pause: where the next utterance begins if speech goes on before the pause is an end.
        self._cut_at_ms: int | None = None
        self._cut_pause_ms = 0
        # Monotonic seconds: the end of the last frame, and of the last speech of the last utterance.
        self._heard_until = 0.0
        self._spoke_until: float | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._open is None:
            return State.INACTIVE
        return State.SILENCE if self._open.silence_ms else State.ACTIVE

    @property
    def is_open(self) -> bool:
        """Whether there is an utterance, so that `tick` may have something to say."""
        return self._open is not None

    @property
    def silence_threshold_ms(self) -> float:
        """Silence that ends an utterance now; it follows the speaker's own pauses."""
        return self._patience.threshold_ms

    def push(self, frame: Frame) -> list[Segment]:
        """Take the next 20 ms."""
        self._heard_until = frame.end
        if self._open is None:
            return self._wait(frame)
        return self._go_on(self._open, frame)

    def tick(self, now: float, *, rests: bool = False) -> list[Segment]:
        """Let missing frames count as silence. Call it every 20 to 50 ms.

        `now` is when a frame was spoken that would come now, in monotonic seconds: on the frames' own clock, so with
        the network's present delay taken off. `rests`: the sender said that it falls silent (DTX), so that what is
        missing is silence at once.

        Otherwise the network may be late: what is missing counts only after `missing_after_ms`, and in the middle of a
        word, only what is missing beyond them. What comes late is not lost: it opens the next utterance.
        """
        if self._open is None:
            return []
        missing_ms = (now - self._heard_until) * 1000
        patience_ms = 0 if rests else self._settings.missing_after_ms
        if missing_ms < patience_ms:
            return []
        silence = self._open.silence_ms
        return self._be_silent(self._open, silence + missing_ms if silence else missing_ms - patience_ms)

    def close(self) -> list[Segment]:
        """End the open utterance, if there is one; the next frame need not follow on the last one."""
        segments = self._end(self._open) if self._open else []
        self._before.clear()
        self._run_ms = 0
        self._cut_at_ms = self._spoke_until = None
        return segments

    def discard(self, longest_ms: int) -> list[Segment]:
        """End the open utterance, if there is one, as one that never was: all of it was an echo.

        One that is longer began with something else, and goes on to its end.
        """
        if self._open is None or self._open.length_ms > longest_ms:
            return []
        self._open = None
        return [Ended(confirms=0, speech_end_ms=0, void=True)]

    def _wait(self, frame: Frame) -> list[Segment]:
        """INACTIVE: look for speech that is more than a click, or any that goes on after a cut."""
        self._before.append(frame)
        self._run_ms = self._run_ms + FRAME_MS if frame.speech else 0
        if self._run_ms >= self._settings.min_speech_ms or (self._run_ms and self._cut_at_ms is not None):
            return self._start()
        if self._cut_at_ms is not None:
            self._cut_pause_ms += FRAME_MS
            if self._cut_pause_ms < self._patience.threshold_ms:
                return []
            self._cut_at_ms = None
        self._forget(self._settings.pre_speech_ms + self._run_ms)
        return []

    def _start(self) -> list[Segment]:
        if self._cut_at_ms is None:
            self._forget(self._settings.pre_speech_ms + self._run_ms)
        first = self._before[0].end - FRAME_MS / 1000
        at_ms = self._epoch_ms(first) if self._cut_at_ms is None else self._cut_at_ms
        if self._spoke_until is not None:
            began = self._before[-1].end - self._run_ms / 1000
            self._patience.resumed((began - self._spoke_until) * 1000)
        opened = self._open = Utterance(at_ms)
        for frame in self._before:
            opened.add(frame.pcm, frame.level)
        opened.speech_end_ms = opened.length_ms
        self._before.clear()
        self._run_ms, self._cut_at_ms = 0, None
        return [Started(at_ms), *opened.give(self._settings.chunk_ms)]

    def _go_on(self, utterance: Utterance, frame: Frame) -> list[Segment]:
        """ACTIVE or SILENCE: another frame of the utterance."""
        segments: list[Segment] = []
        utterance.add(frame.pcm, frame.level)
        utterance.run_ms = utterance.run_ms + FRAME_MS if frame.speech else 0
        if frame.speech and (not utterance.maybe_ended or utterance.run_ms >= RESUME_MS):
            segments += self._speak(utterance)
        if utterance.length_ms <= self._settings.max_utterance_ms - HOLD_MS:
            segments += utterance.give(self._settings.chunk_ms)
        if not frame.speech:
            segments += self._be_silent(utterance, utterance.silence_ms)
        if self._open is not None:
            segments += self._cut(utterance)
        return segments

    def _speak(self, utterance: Utterance) -> Iterable[Segment]:
        pause_ms = utterance.silence_ms - utterance.run_ms
        utterance.speech_end_ms = utterance.length_ms
        if utterance.maybe_ended:
            utterance.maybe_ended = False
            self._patience.resumed(pause_ms)
            yield Resumed(utterance.revision)

    def _be_silent(self, utterance: Utterance, silence_ms: float) -> list[Segment]:
        """Say what so much silence at the end means."""
        segments: list[Segment] = []
        if silence_ms >= self._settings.maybe_end_ms and not utterance.maybe_ended:
            utterance.maybe_ended = True
            utterance.revision += 1
            segments += utterance.give(self._settings.chunk_ms, everything=True)
            segments.append(MaybeEnded(utterance.revision, utterance.speech_end_ms))
        if silence_ms >= self._patience.threshold_ms:
            self._spoke_until = self._heard_until - utterance.silence_ms / 1000
            segments += self._end(utterance)
        return segments

    def _end(self, utterance: Utterance) -> list[Segment]:
        self._open = None
        confirms = utterance.revision if utterance.maybe_ended else 0
        return [
            *utterance.give(self._settings.chunk_ms, everything=True),
            Ended(confirms, utterance.speech_end_ms),
        ]

    def _cut(self, utterance: Utterance) -> list[Segment]:
        """Cut an utterance that gets too long, if this is the place."""
        settings = self._settings
        left_ms = settings.max_utterance_ms - utterance.length_ms
        if left_ms > settings.cut_window_ms:
            return []
        if utterance.silence_ms and utterance.silence_ms >= self._pause_enough(left_ms):
            self._cut_at_ms = utterance.at_ms + utterance.length_ms
            self._cut_pause_ms = utterance.silence_ms
            self._spoke_until = None
            return self._end(utterance)
        if left_ms > 0:
            return []
        rest = utterance.split()
        segments = [*self._end(utterance), Started(rest.at_ms)]
        self._open, self._spoke_until = rest, None
        return segments

    def _pause_enough(self, left_ms: int) -> float:
        """How long a pause must be to cut in it: less and less towards the maximum."""
        window = self._settings.cut_window_ms - HOLD_MS
        return max(FRAME_MS, self._settings.maybe_end_ms * (left_ms - HOLD_MS) / window)

    def _forget(self, kept_ms: int) -> None:
        while len(self._before) * FRAME_MS > kept_ms:
            self._before.popleft()
