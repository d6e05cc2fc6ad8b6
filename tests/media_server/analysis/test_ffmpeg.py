"""FFmpeg's libopus: what it does instead of FEC. The contract is tested in test_codec."""

from pathlib import Path

from media_server.analysis.ffmpeg import FfmpegCodec
from tests.support.opus import encode
from tests.support.recordings import Recording


def test_what_it_cannot_recover_it_conceals(recording: Recording) -> None:
    """A copy in the next packet is out of its reach."""
    payloads = encode(recording.samples, fec_percent=10)[:100]
    one, other = FfmpegCodec(), FfmpegCodec()
    for payload in payloads[:-1]:
        one.decode(payload)
        other.decode(payload)
    assert one.recover(payloads[-1], 320) == other.conceal(320)


def test_it_starts_no_threads(recording: Recording) -> None:
    """FFmpeg would start one for every core, for each speaker."""
    before = len(list(Path("/proc/self/task").iterdir()))
    codecs = [FfmpegCodec() for _ in range(5)]
    assert all(codec.decode(encode(recording.samples[:6400])[0]) for codec in codecs)
    assert len(list(Path("/proc/self/task").iterdir())) == before
