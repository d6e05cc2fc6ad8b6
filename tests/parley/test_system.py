"""The parts, put together."""

import socket

import aiohttp
import pytest

from media_server.rtc.settings import RtcSettings
from parley import system as system_module
from parley.settings import ProcessSettings, Settings
from parley.system import System
from pipeline.bus.memory import MemoryBus
from pipeline.engines.engines import Engines
from pipeline.messages import WorkerStatus
from pipeline.settings import PipelineSettings, StageCommand
from signaling.settings import SignalingSettings
from tests.fakes.engines import Scripted
from tests.pipeline.support import listening
from tests.support.until import until


def settings(port: int = 0, media_port: int = 0) -> Settings:
    return Settings(
        signaling=SignalingSettings(host="127.0.0.1", port=port),
        rtc=RtcSettings(host="127.0.0.1", port=media_port),
    )


async def test_a_system_becomes_ready_and_serves_its_page() -> None:
    """Once the workers have said what they can do, the door is open."""
    async with System(settings(), engines=Scripted()) as system, aiohttp.ClientSession(system.url) as http:
        await until(lambda: system.rooms.paths.can("en", "es"))
        async with http.get("/readyz") as ready, http.get("/r/garden") as page:
            assert (ready.status, page.status) == (200, 200)


async def test_a_closed_system_is_gone() -> None:
    """Its ports are free, so that the next one starts in its place."""
    async with System(settings(), engines=Scripted()) as system:
        url = system.url
    port = int(url.rpartition(":")[2])
    async with System(settings(port), engines=Scripted()) as system:
        assert system.url == url


async def test_a_taken_port_is_an_error_and_leaves_nothing_running() -> None:
    """Whatever had been started is stopped; the leak guard would tell."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        async with System(settings(taken.getsockname()[1]), engines=Scripted()):
            pass


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> MemoryBus:
    """Give the bus that a system opens instead of a cluster's."""
    bus = MemoryBus()
    monkeypatch.setattr(system_module, "open_bus", lambda _settings: bus)
    return bus


def on_kafka(*workers: StageCommand) -> Settings:
    pipeline = PipelineSettings(bus_url="kafka://nowhere:9092", workers=workers)
    process = ProcessSettings(host_name="rack4")
    return settings().model_copy(update={"pipeline": pipeline, "process": process})


async def test_on_kafka_only_the_workers_that_were_asked_for_run_inside(shared: MemoryBus) -> None:
    """The others are elsewhere; its own have names that they keep, and only their engines count as loaded."""
    async with (
        shared,
        listening(shared, WorkerStatus.TOPIC) as heard,
        System(on_kafka("tts", "stt"), engines=Scripted()) as system,
        aiohttp.ClientSession(system.url) as http,
    ):
        await until(lambda: len(heard.of(WorkerStatus)) >= 2)
        async with http.get("/healthz") as health:
            told = await health.json()
    workers = {(status.worker_id, status.stage) for status in heard.of(WorkerStatus)}
    assert workers == {("stt-in-node-rack4-0", "recognition"), ("tts-in-node-rack4-0", "synthesis")}
    assert told["engines"] == {"recognition": "scripted", "synthesis": "scripted"}


async def test_on_kafka_a_node_is_ready_without_workers(shared: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """It carries everybody's original all the same; no engine is started for nothing. Its probes tell of it."""
    monkeypatch.setattr(Engines, "start", lambda *_: pytest.fail("an engine was started"))
    async with shared, System(on_kafka()) as system, aiohttp.ClientSession(system.url) as http:
        ready = await http.get("/readyz")
        told = await ready.json()
    assert (ready.status, told["missing"]) == (200, [])
    assert (told["instance_id"], told["engines"], told["broker_reached"]) == ("node-rack4-0", {}, True)
    assert (told["clients"], told["last_record_age_s"]) == (0, None)


async def test_what_an_engine_can_do_now_is_what_is_offered() -> None:
    """A pair that is lost, or found, is known at the door within seconds."""
    scripted = Scripted()
    async with System(settings(), engines=scripted) as system:
        await until(lambda: system.rooms.paths.can("en", "es"))
        scripted.translator.pairs = frozenset({("en", "fr")})
        await until(lambda: system.rooms.paths.can("en", "fr") and not system.rooms.paths.can("en", "es"))
