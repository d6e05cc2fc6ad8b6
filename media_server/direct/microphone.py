"""A microphone without a browser: 16 kHz sound in; to the analysis at once, to listeners as it would be spoken."""

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np
from prometheus_client import Counter

from media_server.clock import Clock, Timer
from media_server.direct.encoder import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Encoder, new_encoder
from media_server.levels import SILENT
from media_server.packet import CLOCK_RATE, AudioPacket
from pipeline.messages.audio_chunk import BYTES_PER_MS

FRAME_S = FRAME_MS / 1_000
TICKS = CLOCK_RATE * FRAME_MS // 1_000
BEHIND_MS = 200
"""So much more than the last message, and than the client is ahead of real time by its own doing, may wait before
frames without sound are left out, to catch up."""
IDLE_S = 1.0
"""After so long without a message a client counts as beginning anew: what it then sends at once is ahead of time."""
MOST_MS = 5_000
"""Sound that may wait to be forwarded; the oldest is dropped. More is never there while `signaling` keeps its pace."""
QUIET_LEVEL = 65
"""-dBov from which a frame counts as without sound, as `MediaSettings.sound_level` has it."""

DROPPED = Counter(
    "parley_direct_frames_dropped_total",
    "20 ms of sound of participants without WebRTC that were analysed but not forwarded: quiet (to catch up), full.",
    ["reason"],
)
QUIET, FULL = DROPPED.labels("quiet"), DROPPED.labels("full")


class Entrance(Protocol):
    """Where a participant's sound goes: their Speaker."""

    def hear_sound(self, pcm: bytes, arrived: float) -> None:
        """Listen to sound that arrived at this time."""

    def sounds(self, level: int, now: float) -> bool:
        """Note the level of 20 ms to be forwarded; say whether anybody hears them."""
        ...

    def forward(self, packet: AudioPacket) -> None:
        """Send a packet to whoever hears it."""


class DirectMicrophone:
    """Gives each message of sound to the analysis whole, and to listeners 20 ms at a time, 20 ms apart.

    Sound is encoded while somebody hears it as it is, and only then. A message that comes late shifts what follows;
    what piles up behind is caught up with by leaving out what is silent.
    """

    def __init__(self, entrance: Entrance, clock: Clock, new_encoder: Callable[[], Encoder] = new_encoder) -> None:
        self._entrance = entrance
        self._clock = clock
        self._new_encoder = new_encoder
        self._encoder: Encoder | None = None
        # 20 ms each, and less than that at the end.
        self._frames: deque[bytes] = deque()
        self._rest = b""
        # When what was taken so far ends, were it spoken from the first message on; in monotonic seconds.
        self._ends = float("-inf")
        # How many frames may wait before silent ones are left out.
        self._patience = 0
        self._sequence_number = 0
        self._timestamp = 0
        # When the next frame is due, in monotonic seconds.
        self._due = 0.0
        self._timer: Timer | None = None
        self._closed = False

    def hear(self, pcm: bytes) -> None:
        """Take 16 kHz mono s16le, up to 1 s, that has just arrived and follows on the last."""
        if self._closed or not pcm:
            return
        now = self._clock.now()
        self._wait_for_turn(pcm, now)
        if self._timer is None:
            self._run()
        self._entrance.hear_sound(pcm, now)

    def close(self) -> None:
        """Stop. Idempotent."""
        self._closed = True
        self._frames.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait_for_turn(self, pcm: bytes, now: float) -> None:
        sound = self._rest + pcm
        whole = len(sound) - len(sound) % FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            self._frames.append(sound[start : start + FRAME_BYTES])
        self._rest = sound[whole:]
        length_ms = len(pcm) // BYTES_PER_MS
        self._ends = (now if now > self._ends + IDLE_S else self._ends) + length_ms / 1_000
        ahead_ms = max(0, round((self._ends - now) * 1_000))
        self._patience = (length_ms + ahead_ms + BEHIND_MS) // FRAME_MS
        while len(self._frames) * FRAME_MS > MOST_MS:
            self._frames.popleft()
            FULL.inc()

    def _on_timer(self) -> None:
        self._timer = None
        self._run()

    def _run(self) -> None:
        """Forward the frame that is due, and come back for the next one."""
        now = self._clock.now()
        if not self._frames or self._closed:
            return
        if now > self._due + FRAME_S:  # the time without sound passes for listeners, too
            self._timestamp += round((now - self._due) * CLOCK_RATE) if self._due else 0
            self._due = now
        while self._frames and now >= self._due:
            self._forward(self._frames.popleft(), now)
        if self._frames:
            self._timer = self._clock.call_at(self._due, self._on_timer)

    def _forward(self, frame: bytes, now: float) -> None:
        level = level_of(frame)
        if level >= QUIET_LEVEL and len(self._frames) > self._patience:
            QUIET.inc()
            return
        if self._entrance.sounds(level, now):
            if self._encoder is None:
                self._encoder = self._new_encoder()
            payload = self._encoder.encode(frame)
            number, timestamp = self._sequence_number & 0xFFFF, self._timestamp & 0xFFFFFFFF
            self._sequence_number += 1
            if payload:
                self._entrance.forward(AudioPacket(number, timestamp, payload, level, None, now))
        self._timestamp += TICKS
        self._due += FRAME_S


def level_of(frame: bytes) -> int:
    """Measure 20 ms of sound as RFC 6464 says it: -dBov, 0 (loudest) to 127 (silence)."""
    samples = np.frombuffer(frame, np.int16).astype(np.float32)
    power = float(np.dot(samples, samples)) / FRAME_SAMPLES
    return min(SILENT, max(0, round(-10 * math.log10(power / 32768.0**2)))) if power > 0 else SILENT
