"""The system's libopus: what only it can do, and systems that have none. The contract is tested in test_codec."""

import random

import numpy as np
import pytest

from media_server.analysis import libopus
from media_server.analysis.libopus import LibopusCodec
from tests.support.opus import encode
from tests.support.recordings import Recording, Samples


def sound(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, np.int16)


def test_a_copy_is_better_than_concealment(recording: Recording) -> None:
    """At 10 % loss, lost packets that the next one holds a copy of come out nearer to what was said."""
    payloads = encode(recording.samples, fec_percent=10)
    whole = [sound(pcm).astype(float) for pcm in map(LibopusCodec().decode, payloads)]
    errors: dict[bool, float] = {}
    for recovers in (True, False):
        rng, decoder, errors[recovers] = random.Random(1), LibopusCodec(), 0.0
        for before, payload, true in zip(payloads, payloads[1:], whole, strict=False):
            if rng.random() > 0.1:
                decoder.decode(before)
                continue
            filled = decoder.recover(payload, 320) if recovers else decoder.conceal(320)
            errors[recovers] += float(np.square(sound(filled) - true).mean())
    assert errors[True] < 0.7 * errors[False]


def test_a_system_without_libopus_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded by other names, and making its decoder is refused."""
    monkeypatch.setattr(libopus, "NAMES", ("libnothing.so.7",))
    libopus.library.cache_clear()
    try:
        assert libopus.library() is None
        with pytest.raises(RuntimeError, match="no libopus"):
            LibopusCodec()
    finally:
        libopus.library.cache_clear()
