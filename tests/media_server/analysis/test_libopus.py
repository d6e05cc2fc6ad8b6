"""The system's libopus: what only it can do. The contract is tested in test_codec."""

import random

import numpy as np

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
