"""Sound of every form, through the door: it makes the utterances it makes as 16 kHz."""

import contextlib
import io
from fractions import Fraction

import av
import numpy as np
import pytest

from media_server.analysis.analyser import Analysis
from signaling.audio.settings import AudioSettings
from tests.signaling.audio.conftest import ROOM, AudioClient, OpenStage, Stage
from tests.signaling.audio.test_session import utterances_alone
from tests.support.recordings import Recording, Samples, silence


def resampled(samples: Samples, rate: int, layout: str = "mono") -> Samples:
    """Give 16 kHz mono at another rate; interleaved, if stereo."""
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = 16_000
    resampler = av.AudioResampler("s16", layout, rate)
    pieces = [each.to_ndarray()[0] for each in [*resampler.resample(frame), *resampler.resample(None)]]
    return np.concatenate(pieces)


def contained(samples: Samples, container: str, codec: str = "") -> bytes:
    """Give 16 kHz mono as a file: WAV, or Opus in WebM or Ogg, as `MediaRecorder` makes it."""
    codec = codec or ("pcm_s16le" if container == "wav" else "libopus")
    file = io.BytesIO()
    rate = 16_000 if container == "wav" else 48_000
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        data = resampled(samples, rate)[None, :]
        step = 960 * rate // 48_000
        for start in range(0, data.shape[1], step):
            frame = av.AudioFrame.from_ndarray(data[:, start : start + step].copy(), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
def said(recording: Recording) -> Samples:
    return np.concatenate([recording.samples, silence(1.0)])


async def send(client: AudioClient, data: bytes, size: int = 1_000) -> None:
    for start in range(0, len(data), size):
        await client.socket.send_bytes(data[start : start + size])


def durations(utterances: list[bytes]) -> list[float]:
    return [len(each) / 32_000 for each in utterances]


@pytest.mark.parametrize(("rate", "channels", "slack"), [(48_000, 1, 0.1), (44_100, 2, 0.1), (8_000, 1, 0.3)])
async def test_any_sample_rate_makes_the_same_utterances(
    stage: Stage, said: Samples, analysis: Analysis, rate: int, channels: int, slack: float
) -> None:
    """48 kHz and stereo to within 100 ms; 8 kHz, which has lost half of the sound, to within 300 ms."""
    alone = durations(utterances_alone(analysis, said))
    layout = "stereo" if channels == 2 else "mono"
    query = {"sample_rate": str(rate), "channels": str(channels)}
    async with stage.audio("lea", listening_language="es"), stage.audio("ann", **query) as ann:
        await ann.say(resampled(said, rate, layout), 100, rate=rate * channels)
        await ann.until(lambda: len(stage.utterances("ann")) >= len(alone))
    assert durations(stage.utterances("ann")) == pytest.approx(alone, abs=slack)


@pytest.mark.parametrize("container", ["wav", "webm", "ogg"])
async def test_containers_make_the_same_utterances(
    stage: Stage, said: Samples, analysis: Analysis, container: str
) -> None:
    """Cut anywhere, as `MediaRecorder` gives it."""
    alone = durations(utterances_alone(analysis, said))
    async with stage.audio("lea", listening_language="es"), stage.audio("ann", format=container) as ann:
        await send(ann, contained(said, container))
        await ann.until(lambda: len(stage.utterances("ann")) >= len(alone))
    assert durations(stage.utterances("ann")) == pytest.approx(alone, abs=0.15)


@pytest.mark.parametrize("container", ["wav", "webm", "ogg"])
async def test_what_is_no_container_ends_the_socket(stage: Stage, container: str) -> None:
    """`bad_sound`, then 1008; nobody else's sound is touched."""
    async with stage.audio("eve", format=container) as eve:
        await send(eve, np.random.default_rng(1).bytes(200_000), 20_000)
        assert await eve.closed() == 1008
    assert [error["code"] for error in eve.of("error")] == ["bad_sound"]


async def test_a_stream_too_far_ahead_ends_the_socket(open_stage: OpenStage, recording: Recording) -> None:
    """More than 1 MiB that cannot be heard yet is not kept."""
    stage = await open_stage(audio=AudioSettings(ahead_s=0.1))
    wav = contained(np.tile(recording.samples, 8), "wav")
    async with stage.audio("eve", format="wav") as eve:
        with contextlib.suppress(ConnectionError):
            await send(eve, wav, 60_000)
        assert await eve.closed() == 1008
        await eve.until(lambda: stage.rooms.get(ROOM) is None)
    assert [error["code"] for error in eve.of("error")] == ["too_far_ahead"]


async def test_no_more_streams_are_read_than_there_may_be_threads(open_stage: OpenStage, said: Samples) -> None:
    """Who comes beyond that is closed with 1013; raw sound is always taken."""
    stage = await open_stage(audio=AudioSettings(max_containers=1, ahead_s=60.0))
    webm = contained(said[:16_000], "webm")
    async with stage.audio("ann", format="webm") as ann, stage.audio("bob", format="webm") as bob:
        await ann.told("joined")
        await send(ann, webm)
        await ann.send("ping")
        await ann.told("pong")
        await bob.socket.send_bytes(webm)
        assert await bob.closed() == 1013
    async with stage.audio("bob", format="webm") as bob:
        await bob.socket.send_bytes(webm)
        await bob.send("ping")
        await bob.told("pong")


async def test_who_is_ahead_is_answered_at_once(open_stage: OpenStage, recording: Recording) -> None:
    """Pings and control do not wait behind sound that waits to be heard."""
    stage = await open_stage(audio=AudioSettings(ahead_s=0.1))
    async with stage.audio("lea", listening_language="es"), stage.audio("ann") as ann:
        await ann.say(recording.samples)
        await ann.send("ping")
        await ann.told("pong", 1.0)
        await ann.send("leave")
        assert await ann.closed() == 1000
