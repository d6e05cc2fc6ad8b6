"""Sound as the packets that a browser's microphone would send."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from media_server.analysis.segments import Ended, Segment, Sound, Started
from media_server.packet import AudioPacket
from tests.support.opus import encode
from tests.support.recordings import Samples, silence

PACKET_S = 0.02
FIRST_ARRIVAL = 1000.0
"""Monotonic seconds when the first packet has come; its sound began 20 ms before."""

S = TypeVar("S")


def packet(
    number: int,
    payload: bytes = b"x",
    *,
    level: int | None = None,
    voice: bool | None = None,
    arrived: float | None = None,
) -> AudioPacket:
    """Return the n-th 20 ms packet of a stream, arriving on time unless told otherwise."""
    return AudioPacket(
        sequence_number=number & 0xFFFF,
        timestamp=number * 960 & 0xFFFFFFFF,
        payload=payload,
        level=level,
        voice=voice,
        arrived=FIRST_ARRIVAL + number * PACKET_S if arrived is None else arrived,
    )


def stream(samples: Samples, *, level: int | None = None, first: int = 0) -> list[AudioPacket]:
    """Encode 16 kHz mono as a stream of packets that arrive on time."""
    return [packet(first + i, payload, level=level) for i, payload in enumerate(encode(samples))]


def with_noise(samples: Samples, decibels: float) -> Samples:
    """Add white noise so many dB below the sound's own level."""
    level = np.sqrt(np.mean(np.square(samples[np.nonzero(samples)], dtype=np.float64)))
    noise = np.random.default_rng(1).normal(0, level * 10 ** (-decibels / 20), len(samples))
    return np.clip(samples + noise, -32768, 32767).astype(np.int16)


def between_silence(samples: Samples, before_s: float = 1.0, after_s: float = 1.0) -> Samples:
    """Put digital silence around a sound."""
    return np.concatenate([silence(before_s), samples, silence(after_s)])


def only(kind: type[S], segments: Iterable[Segment]) -> list[S]:
    """Return the segments of one kind."""
    return [segment for segment in segments if isinstance(segment, kind)]


def utterances(segments: Sequence[Segment]) -> list[tuple[int, int, bytes]]:
    """Return each utterance's start and end in epoch ms and its sound, once their order has been found right."""
    found: list[tuple[int, int, bytes]] = []
    at_ms: int | None = None
    pcm = b""
    for segment in segments:
        if isinstance(segment, Started):
            assert at_ms is None, "an utterance started within another"
            at_ms, pcm = segment.at_ms, b""
            continue
        assert at_ms is not None, f"{segment} outside an utterance"
        if isinstance(segment, Sound):
            assert segment.start_ms * 32 == len(pcm), "a hole or an overlap in an utterance's sound"
            pcm += segment.pcm
        elif isinstance(segment, Ended):
            found.append((at_ms, at_ms + len(pcm) // 32, pcm))
            at_ms = None
    assert at_ms is None, "an utterance is still open"
    return found
