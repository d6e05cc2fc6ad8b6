"""Every voice equally loud, whichever engine speaks, from the first packet on."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from pipeline.engines.limiter import Limiter
from pipeline.engines.loudness import ABSOLUTE_GATE, Loudness, Sound

TARGET_LUFS = -20.0
"""Loudness of all voices: about that of a microphone after a browser's gain control, with 19 dB left for peaks."""
MOST_DB = 30.0
"""Sound is made louder by no more than this; beyond it there is rather noise than a voice."""
LEAST_DB = -24.0
"""And quieter by no more than this: louder than full scale nothing can be."""
FIRST_S = 0.4
"""Seconds that are held back and measured before the first of them is given out, if nothing is known of the engine."""
AUDIBLE_LUFS = -50.0
"""Only what is louder counts for these: before the words there may be breath and noise."""
LONGEST_HOLD_S = 1.0
"""Seconds of what is quieter, but no silence, after which it is taken for the voice all the same."""
UP_DB, DOWN_DB = 1.0, 1.0
"""How far the gain moves in one hop of 100 ms: 10 dB a second is not heard as a change within a word."""
EARLY_S = 1.5
"""Seconds for which an unknown voice may still surprise: people begin softly."""
EARLY_UP_DB, EARLY_DOWN_DB = 2.0, 6.0
"""How far the gain moves then, for who is too loud hurts."""
PEAK_LU = 4.0
"""So much louder than a clause of speech its loudest 100 ms are at least: that is known before the clause is."""
KNOWN_S = 2.0
"""How many seconds of the clause at hand what is known of its voice counts as."""
GUESS_S = 0.2
"""The same for what is known of other voices of the same engine."""
DOUBT_DB = 6.0
"""If the clause itself is this far from what is known, what is known is of no use for it."""
DOUBT_S = 0.4
"""Seconds of the clause after which that can be told."""
MEMORY_S = 20.0
"""Seconds of a voice that its level in memory stands for at most: what is older is forgotten bit by bit."""
VOICES = 1_000
"""Of so many voices the level is remembered; the one that was silent for longest is forgotten."""


@dataclass(frozen=True)
class Level:
    """How loud somebody or something was: LUFS, and how many seconds of the clause at hand that counts as."""

    lufs: float
    weight_s: float


class Levels:
    """What is remembered of an engine's voices."""

    def __init__(self) -> None:
        self._voices: OrderedDict[Hashable, Level] = OrderedDict()
        self._all: Level | None = None

    def of(self, voice: Hashable) -> Level | None:
        """Give what is known before a clause of this voice begins."""
        if known := self._voices.get(voice):
            return Level(known.lufs, KNOWN_S)
        return Level(self._all.lufs, GUESS_S) if self._all else None

    def note(self, voice: Hashable, clause: Level | None) -> None:
        """Remember how loud a clause was, and for how long; None if it was silent."""
        if clause is None:
            return
        self._all = _mixed(self._all, clause)
        self._voices[voice] = _mixed(self._voices.get(voice), clause)
        self._voices.move_to_end(voice)
        if len(self._voices) > VOICES:
            self._voices.popitem(last=False)


class Leveller:
    """Brings one clause to the target: mono s16le PCM in, the same out, never clipped.

    A known voice is given out as it comes, but for the limiter's 5 ms; of an unknown one the first `FIRST_S` are held
    back. The gain follows what is heard, in ramps, so that it never jumps. How the sound is cut into pieces changes
    nothing.
    """

    def __init__(self, sample_rate: int, known: Level | None = None, *, target: float = TARGET_LUFS) -> None:
        """`sample_rate` in hertz, `target` in LUFS."""
        self._target = target
        self._known = known
        self._loudness = Loudness(sample_rate)
        self._limiter = Limiter(sample_rate)
        # Half a sample, when a piece was cut in the middle of one.
        self._odd = b""
        # The hop that is being filled, and what was not given out yet because no gain is known.
        self._hop: Sound = np.zeros(0)
        self._held: Sound = np.zeros(0)
        # Decibels at the beginning and at the end of the hop that is being filled; None until a gain is known.
        self._ramp: tuple[float, float] | None = None
        if known is not None:
            self._ramp = (self._wanted(), self._wanted())

    @property
    def level(self) -> Level | None:
        """How loud the clause was before it was levelled, and its seconds; None if it was silent so far."""
        lufs = self._loudness.lufs
        return None if lufs is None else Level(lufs, self._loudness.louder_s(ABSOLUTE_GATE))

    def push(self, pcm: bytes) -> bytes:
        """Take more sound, any length; give what can be given."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = pcm[whole:]
        return self._out(self._levelled(np.frombuffer(pcm[:whole], "<i2") / 32_768.0))

    def finish(self) -> bytes:
        """Say that nothing follows; give the rest."""
        if len(self._hop):
            self._loudness.add(self._hop)
        rest: Sound = np.zeros(0)
        if self._ramp is None:
            rest, self._held = self._held * _factor(self._wanted()), self._held[:0]
        return self._out(rest) + _pcm(self._limiter.finish())

    def _levelled(self, sound: Sound) -> Sound:
        given = []
        while len(sound):
            piece, sound = np.split(sound, [self._loudness.hop - len(self._hop)])
            at = len(self._hop)
            self._hop = np.concatenate((self._hop, piece))
            if self._ramp is None:
                self._held = np.concatenate((self._held, piece))
            else:
                given.append(piece * self._gains(at, len(piece)))
            if len(self._hop) == self._loudness.hop:
                given.append(self._end_hop())
        return np.concatenate(given) if given else sound

    def _end_hop(self) -> Sound:
        """Measure the hop that is full, and decide the gain of the next; give what was held back, if that is over."""
        self._loudness.add(self._hop)
        self._hop = self._hop[:0]
        held, wanted = self._held[:0], self._wanted()
        if self._ramp is not None:
            now = self._ramp[1]
            self._ramp = (now, now + self._step(wanted - now))
        elif (
            self._loudness.louder_s(AUDIBLE_LUFS) >= FIRST_S or self._loudness.louder_s(ABSOLUTE_GATE) >= LONGEST_HOLD_S
        ):
            self._ramp = (wanted, wanted)
            held, self._held = self._held * _factor(wanted), held
        elif not self._loudness.louder_s(ABSOLUTE_GATE):  # silence is worth neither waiting for nor keeping
            held, self._held = self._held, held
        return held

    def _step(self, decibels: float) -> float:
        """Go as far towards a gain as one hop may."""
        up, down = (EARLY_UP_DB, EARLY_DOWN_DB) if self._early else (UP_DB, DOWN_DB)
        return max(-down, min(up, decibels))

    @property
    def _early(self) -> bool:
        unknown = self._known is None or self._known.weight_s < KNOWN_S
        return unknown and self._loudness.louder_s(ABSOLUTE_GATE) < EARLY_S

    def _wanted(self) -> float:
        """Give the decibels that bring what is known and what was heard so far to the target."""
        heard, known = self.level, self._known
        if heard is not None and self._early:
            heard = Level(max(heard.lufs, self._loudness.loudest - PEAK_LU), heard.weight_s)
        if heard is None:
            lufs = self._target if known is None else known.lufs
        elif known is None or (heard.weight_s >= DOUBT_S and abs(heard.lufs - known.lufs) > DOUBT_DB):
            lufs = heard.lufs
        else:
            lufs = _mean(known, heard)
        return min(MOST_DB, max(LEAST_DB, self._target - lufs))

    def _gains(self, at: int, samples: int) -> Sound:
        """Give the factors of so many samples, the first of them the `at`th of its hop."""
        if self._ramp is None:
            return np.ones(samples)
        begin, end = map(_factor, self._ramp)
        share: Sound = np.arange(at, at + samples) / self._loudness.hop
        return begin + (end - begin) * share

    def _out(self, sound: Sound) -> bytes:
        return _pcm(self._limiter.push(sound))


def _mean(one: Level, other: Level) -> float:
    return (one.lufs * one.weight_s + other.lufs * other.weight_s) / (one.weight_s + other.weight_s)


def _mixed(before: Level | None, clause: Level) -> Level:
    if before is None:
        return Level(clause.lufs, min(clause.weight_s, MEMORY_S))
    return Level(_mean(before, clause), min(before.weight_s + clause.weight_s, MEMORY_S))


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _pcm(sound: Sound) -> bytes:
    return np.rint(sound * 32_767.0).astype("<i2").tobytes()
