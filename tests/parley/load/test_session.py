"""One run from beginning to end, against a whole system whose engines follow a script."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.load.plan import LoadPlan, Pair
from parley.load.session import load
from parley.system import System
from tests.fakes.audible import TEXT, Audible
from tests.fakes.switchboard import captions, joined, switchboard
from tests.journeys.whole_system import whole_system
from tests.support.caller import loopback
from tests.support.recordings import Recording, write_wav


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with whole_system(Audible()) as made:
        with loopback():
            yield made


@pytest.fixture
def recorded(tmp_path: Path, recording: Recording) -> Path:
    """Give a folder with two seconds of speech, and with what the script hears in it."""
    write_wav(tmp_path / "a.wav", recording.samples[:32_000])
    (tmp_path / "a.txt").write_text(TEXT)
    return tmp_path


@pytest.mark.journey
async def test_everything_is_delivered(system: System, recorded: Path) -> None:
    """Two rooms of three by both ways for five seconds: all that is due comes, in time, and the server says how."""
    pairs = (Pair("en", "es"), Pair("en", "en"))
    plan = LoadPlan(system.url, rooms=2, clients=2, listeners=1, kind="mixed", seconds=5.0, pairs=pairs)
    found = await load(plan, speech=recorded)
    assert found.errors == {}
    assert (found.joins.made, found.joins.wanted) == (6, 6)
    assert found.turns >= 3
    assert found.delivered == 1.0
    assert (found.voice.came, found.floor.came) == (found.voice.due, found.floor.due)
    assert found.voice.due > 0
    assert found.floor.due > 0
    assert found.caption.latency.p50_ms is not None
    assert 0 < found.caption.latency.p50_ms < 2_000
    assert found.word_error_rate == 0.0
    assert found.frames_lost == 0
    assert found.stages["pipeline_stage.recognition"].n >= found.turns


async def test_tokens_are_asked_for_with_the_key(recorded: Path) -> None:
    """Where there is an API key, no development token is."""
    async with switchboard(captions(joined())) as server:
        await load(LoadPlan(server.url, clients=1, seconds=0.1, settle_s=0.1), speech=recorded, api_key="key")
        await load(LoadPlan(server.url, clients=1, seconds=0.1, settle_s=0.1), speech=recorded)
    assert [path for path, _, _ in server.posts] == ["/api/v1/tokens", "/api/v1/dev-token"]


async def test_a_server_that_is_not_there_is_no_reason_to_break(recorded: Path) -> None:
    """The report says that nobody came."""
    stop = asyncio.Event()
    began = time.monotonic()
    found = await load(LoadPlan("http://127.0.0.1:1", clients=2, seconds=0.1), speech=recorded, stop=stop)
    assert (found.joins.made, found.delivered) == (0, None)
    assert found.errors == {"join: UnreachableError": 2}
    assert time.monotonic() - began < 5


async def test_speech_that_is_not_there_is_said_before_anybody_joins(tmp_path: Path) -> None:
    """Nothing was asked of the server."""
    async with switchboard(captions(joined())) as server:
        with pytest.raises(ValueError, match="no WAV files"):
            await load(LoadPlan(server.url), speech=tmp_path)
    assert not server.posts
