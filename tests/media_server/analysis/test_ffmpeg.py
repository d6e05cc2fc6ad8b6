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
    """FFmpeg would start one for every core, for each speaker; what else runs in this process may start a few."""
    payload = encode(recording.samples[:6400])[0]
    before = threads()
    codecs = [FfmpegCodec() for _ in range(20)]
    assert all(codec.decode(payload) for codec in codecs)
    assert threads() - before < len(codecs)


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))
