"""One stage as a process of its own. What it takes from a real broker is in the journeys."""

import asyncio
import socket
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from parley import worker
from parley.errors import NoSharedBusError
from parley.settings import ProcessSettings, Settings
from parley.worker import StageProcess
from pipeline.bus.memory import MemoryBus
from pipeline.clock import now_ms
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.engines import Engines
from pipeline.messages import Transcript, WorkerStatus
from pipeline.settings import PipelineSettings
from tests.fakes.engines import Scripted, ScriptedTranscriber, words
from tests.pipeline.support import chunk, listening, say, speech_of
from tests.support.broker import Broker
from tests.support.kafka_workers import create_topics
from tests.support.until import until


def settings() -> Settings:
    return Settings(
        pipeline=PipelineSettings(bus_url="kafka://nowhere:9092"), process=ProcessSettings(host_name="rack4", slot=3)
    )


@pytest.fixture
async def bus(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MemoryBus]:
    """Give a bus that stays open when the worker has gone."""
    async with MemoryBus() as bus:

        @asynccontextmanager
        async def lent(_settings: PipelineSettings) -> AsyncIterator[MemoryBus]:
            yield bus

        monkeypatch.setattr(worker, "open_bus", lent)
        yield bus


async def probe(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with http.get(path) as response:
        answer: dict[str, Any] = await response.json()
        return {**answer, "status": response.status}


async def test_it_works_and_tells_of_itself(bus: MemoryBus) -> None:
    """What it takes it recognises; its probes tell which process it is, what it loaded, and when it last had work."""
    engines = Scripted(ScriptedTranscriber(words("good morning to you")))
    async with (
        listening(bus) as heard,
        StageProcess("stt", settings(), engines=engines) as process,
        aiohttp.ClientSession(process.url) as http,
    ):
        before = await probe(http, "/healthz")
        started_at_ms = now_ms()
        sound = (*speech_of(1000), chunk(1000, ms=0, last=True))
        await say(bus, *(msgspec.structs.replace(one, utterance_started_at_ms=started_at_ms) for one in sound))
        said = await heard.until(Transcript, lambda text: text.last)
        after, ready = await probe(http, "/healthz"), await probe(http, "/readyz")
        async with http.get("/metrics") as metrics:
            assert 'instance_id="stt-rack4-3"' in await metrics.text()
    assert said.payload == "good morning to you"
    assert (before["instance_id"], before["engines"], before["broker_reached"]) == (
        "stt-rack4-3",
        {"recognition": "scripted"},
        True,
    )
    assert (before["last_record_age_s"], before["alive"]) == (None, True)
    assert after["last_record_age_s"] < 5
    assert (ready["status"], ready["missing"]) == (200, [])


async def test_it_is_ready_once_the_engine_is_loaded(bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then whoever looks is told what is missing, and afterwards it is unready when it leaves."""
    loaded = asyncio.Event()

    @asynccontextmanager
    async def slow(*_: object) -> AsyncIterator[Scripted]:
        await loaded.wait()
        yield Scripted()

    monkeypatch.setattr(Engines, "start", slow)
    process = StageProcess("translation", settings())
    async with asyncio.TaskGroup() as group:
        starting = group.create_task(process.__aenter__())
        await until(lambda: process.url != "")
        async with aiohttp.ClientSession(process.url) as http:
            early = await probe(http, "/readyz")
            loaded.set()
            await starting
            late = await probe(http, "/readyz")
    await process.__aexit__()
    assert (early["status"], early["missing"], early["engines"]) == (503, ["engine", "worker"], {})
    assert (late["status"], late["missing"], late["engines"]) == (200, [], {"translation": "scripted"})
    assert process.health.missing() == ["draining"]


async def test_leaving_says_so_under_the_name_it_had(bus: MemoryBus) -> None:
    """Nodes need not wait until they miss it."""
    async with listening(bus, WorkerStatus.TOPIC) as heard:
        async with StageProcess("tts", settings(), engines=Scripted()):
            await heard.until(WorkerStatus, lambda status: status.healthy)
        last = await heard.until(WorkerStatus, lambda status: not status.healthy)
    assert (last.worker_id, last.reason) == ("tts-rack4-3", "stopped")


async def test_a_stage_without_engine_does_not_start(bus: MemoryBus) -> None:
    """A worker that can do nothing would only be in the way."""
    engines = Scripted(ScriptedTranscriber(languages=()))
    with pytest.raises(EngineUnavailableError, match="no engine for recognition works here"):
        async with StageProcess("stt", settings(), engines=engines):
            pass


def test_the_memory_of_one_process_is_no_bus_for_a_worker() -> None:
    """Said before anything is started."""
    with pytest.raises(NoSharedBusError):
        StageProcess("stt", Settings())


def test_it_brings_no_door_and_no_media_along() -> None:
    """A worker's container need not carry them, and it starts sooner."""
    code = (
        "import sys, parley.worker;"
        "print([name for name in ('aiortc', 'media_server.rooms', 'signaling.app', 'signaling.door')"
        " if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_a_broker_that_is_not_there_ends_it_with_1() -> None:
    """As a process: one line says which, and what to do; nothing is left running."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{closed.getsockname()[1]}"
        command = [sys.executable, "-m", "parley", "worker", "translation", "--bus", f"kafka://{where}"]
        limits = ["--set", "pipeline.kafka.open_limit_s=1", "--log-level", "error"]
        answer = subprocess.run([*command, *limits], capture_output=True, text=True, check=False, timeout=30)
    assert answer.returncode == 1, answer.stderr
    assert answer.stdout == ""
    starting, complaint = answer.stderr.splitlines()
    assert starting == "Starting Parley's translation worker ..."
    assert complaint.startswith("parley: ")
    assert where in complaint


async def complaint(bootstrap: str, *settings: str) -> tuple[int | None, str]:
    """Start a worker as a process, and give its exit code and the last thing it said."""
    command = ["-m", "parley", "worker", "translation", "--bus", f"kafka://{bootstrap}", "--log-level", "error"]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, *settings, stdout=PIPE, stderr=PIPE)
    said, told = await asyncio.wait_for(process.communicate(), 30)
    assert said == b""
    return process.returncode, told.decode().splitlines()[-1]


async def test_what_is_wrong_at_a_broker_is_said_and_ends_it(broker: Broker) -> None:
    """A topic that is missing, one with other partitions, and an engine that there is not: each with what to do."""
    await create_topics(broker.bootstrap, "wrong.")
    there = ("--set", "pipeline.kafka.prefix=wrong.")
    missing, other, unknown = await asyncio.gather(
        complaint(broker.bootstrap, "--set", "pipeline.kafka.prefix=nothing."),
        complaint(broker.bootstrap, *there, "--set", "pipeline.kafka.partitions=5"),
        complaint(broker.bootstrap, *there, "--engine", "nosuch"),
    )
    assert (missing[0], other[0], unknown[0]) == (1, 1, 2)
    assert "there is no topic nothing.audio.raw" in missing[1]
    assert "wrong.audio.raw has 12 partitions instead of 5" in other[1]
    for said in (missing[1], other[1]):
        assert "`parley topics create`" in said
    assert "there is no engine 'nosuch' here" in unknown[1]
    assert "`parley engines` lists them all" in unknown[1]
