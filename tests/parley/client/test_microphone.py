"""The track that aiortc sends: packets in time, rests in between."""

import asyncio
import itertools
import time

from parley.client.microphone import REST_S, Microphone
from parley.client.mouth import Mouth
from parley.client.opus import REST


async def test_packets_leave_20_ms_apart() -> None:
    """On an absolute schedule, with timestamps that say so."""
    mouth = Mouth()
    microphone = Microphone(mouth)
    saying = asyncio.create_task(mouth.say([b"%d" % number for number in range(10)]))
    await asyncio.sleep(0)
    began = time.monotonic()
    packets = [await microphone.recv() for _ in range(10)]
    assert 0.17 < time.monotonic() - began < 0.5
    steps = {later.pts - earlier.pts for earlier, later in itertools.pairwise(packets)}  # type: ignore[operator]
    assert steps == {960}
    assert [bytes(packet) for packet in packets] == [b"%d" % number for number in range(10)]
    await saying


async def test_a_pause_is_a_rest_now_and_then() -> None:
    """The clock of its timestamps goes on meanwhile, and what is said next leaves at once."""
    mouth = Mouth()
    microphone = Microphone(mouth)
    packets = [await microphone.recv() for _ in range(2)]
    assert [bytes(packet) for packet in packets] == [REST, REST]
    assert packets[1].pts >= REST_S * 48_000  # type: ignore[operator]
    saying: list[asyncio.Task[object]] = []
    asyncio.get_running_loop().call_later(0.05, lambda: saying.append(asyncio.create_task(mouth.say([b"hello"]))))
    began = time.monotonic()
    assert bytes(await microphone.recv()) == b"hello"
    assert time.monotonic() - began < 0.2
    await saying[0]
