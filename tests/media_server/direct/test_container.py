"""WAV, WebM and Ogg in a thread of their own. That they make the right utterances is tested through the door."""

import asyncio
import contextlib
import threading

import numpy as np
import pytest

from media_server.direct.container import AHEAD_BYTES, PIECES, Container, ContainerReader
from media_server.direct.errors import BadSoundError
from tests.signaling.audio.conftest import correlation
from tests.signaling.audio.test_intake import contained
from tests.support.recordings import Recording
from tests.support.until import until


async def everything(reader: ContainerReader) -> bytes:
    return b"".join([piece async for piece in reader])


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("sound-")]


@pytest.mark.parametrize("container", ["wav", "webm", "ogg"])
async def test_the_sound_of_a_stream_is_that_of_the_file(recording: Recording, container: Container) -> None:
    """In pieces of at most 100 ms, whole, and of the same length; the thread has ended then."""
    samples = recording.samples[:48_000]
    reader = ContainerReader(container)
    data = contained(samples, container)
    for start in range(0, len(data), 700):
        assert reader.feed(data[start : start + 700])
    reader.end()
    heard = np.frombuffer(await everything(reader), np.int16)
    reader.close()
    assert abs(len(heard) - len(samples)) < 500
    assert correlation(heard, samples) > 0.95


async def test_webm_is_heard_as_it_comes(recording: Recording) -> None:
    """A live stream is not waited for: the first sound is there with the first block, not at the end."""
    reader = ContainerReader("webm")
    data = contained(recording.samples, "webm")
    reader.feed(data[:2_000])
    async with asyncio.timeout(5):
        assert await anext(reader)
    reader.close()


async def test_the_thread_waits_until_sound_is_taken(recording: Recording) -> None:
    """A file that was fed at once is not decoded at once: 1 s waits, however long it is."""
    reader = ContainerReader("ogg")
    reader.feed(contained(recording.samples, "ogg"))
    await asyncio.sleep(0.3)
    assert reader._pieces.qsize() <= PIECES
    assert threads()
    reader.close()


async def test_closing_lets_everybody_go() -> None:
    """The thread that waits for bytes, and the task that waits for sound; idempotent."""
    reader = ContainerReader("webm")
    taking = asyncio.create_task(everything(reader))
    await asyncio.sleep(0.05)
    reader.close()
    reader.close()
    assert await taking == b""
    await until(lambda: not threads())


@pytest.mark.parametrize("container", ["wav", "webm", "ogg"])
@pytest.mark.parametrize("garbage", ["zeros", "noise", "broken"])
async def test_what_cannot_be_read_is_said_so(recording: Recording, container: Container, garbage: str) -> None:
    """Zeros, noise, and a stream that turns into noise: an error or an early end, within the bounds."""
    noise = np.random.default_rng(5).bytes(200_000)
    data = {"zeros": bytes(200_000), "noise": noise, "broken": contained(recording.samples, container)[:900] + noise}
    reader = ContainerReader(container)
    reader.feed(data[garbage])
    reader.end()
    heard = b""
    with contextlib.suppress(BadSoundError):
        async with asyncio.timeout(20):
            heard = await everything(reader)
    assert len(heard) < 32_000 * 60
    reader.close()


async def test_more_than_is_kept_is_refused() -> None:
    """What nobody has read yet is bounded."""
    reader = ContainerReader("wav")
    assert not reader.feed(bytes(AHEAD_BYTES + 1))
    reader.close()


async def test_only_codecs_of_speech_are_decoded(recording: Recording) -> None:
    """FFmpeg could do hundreds; who sends FLAC in Ogg is told what may be sent."""
    reader = ContainerReader("ogg")
    reader.feed(contained(recording.samples[:16_000], "ogg", codec="flac"))
    reader.end()
    with pytest.raises(BadSoundError, match="Opus"):
        await everything(reader)
    reader.close()
