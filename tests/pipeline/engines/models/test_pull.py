"""Pulling a model from a server on loopback."""

import asyncio
import fcntl
import hashlib
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engines.models.catalogue import Model, ModelFile
from pipeline.engines.models.download import Patience
from pipeline.engines.models.errors import (
    DamagedError,
    ModelsOfflineError,
    NoRoomError,
    PullRunningError,
    UnreachableError,
)
from pipeline.engines.models.found import place_of
from pipeline.engines.models.lock import Lock
from pipeline.engines.models.pull import Pull
from tests.pipeline.engines.models.hub import COMMIT, Hub, hub
from tests.support.until import until

CONFIG, WEIGHTS = b'{"a": 1}', b"weights" * 5_000
HASTE = Patience(tries=2, first_s=0.01, connect_s=1.0, stall_s=0.5)
MODEL = Model(
    name="m",
    engine="e",
    repo="someone/m",
    revision="main",
    files=(ModelFile("config.json", "config.json"), ModelFile("deep/model.bin", "model.bin")),
    licence="MIT",
    megabytes=1,
    about="",
)
PINNED = replace(
    MODEL,
    revision="v1",
    files=(ModelFile("model.bin", "model.bin", len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest()),),
)


def files(revision: str) -> dict[str, bytes]:
    base = f"/someone/m/resolve/{revision}"
    return {f"{base}/config.json": CONFIG, f"{base}/deep/model.bin": WEIGHTS, f"{base}/model.bin": WEIGHTS}


@pytest.fixture
async def server() -> AsyncIterator[Hub]:
    async with hub({**files("main"), **files(COMMIT), **files("v1")}) as serves:
        yield serves


async def test_a_model_is_pulled_into_its_folder(server: Hub, tmp_path: Path) -> None:
    """Each file under its own name, and its growth is told; afterwards it is found."""
    told: list[tuple[str, int, int | None]] = []
    pulled = await Pull(MODEL, tmp_path, server.url).run(lambda *what: told.append(what))
    assert pulled.fetched == ("config.json", "model.bin")
    assert (tmp_path / "m" / "model.bin").read_bytes() == WEIGHTS
    assert told[-1] == ("model.bin", len(WEIGHTS), len(WEIGHTS))
    assert place_of(MODEL, tmp_path) == tmp_path / "m"


async def test_the_first_pull_locks_what_it_found(server: Hub, tmp_path: Path) -> None:
    """The commit and every checksum; the files after the first are taken from that commit already."""
    await Pull(MODEL, tmp_path, server.url).run()
    lock = Lock.read(tmp_path, MODEL)
    assert lock.revision == COMMIT
    assert lock.files["model.bin"].sha256 == hashlib.sha256(WEIGHTS).hexdigest()
    assert [asked[0].split("/")[4] for asked in server.asked] == ["main", COMMIT]


async def test_what_is_here_is_checked_and_not_brought_again(server: Hub, tmp_path: Path) -> None:
    """A second pull asks the server nothing."""
    await Pull(MODEL, tmp_path, server.url).run()
    server.asked.clear()
    pulled = await Pull(MODEL, tmp_path, server.url).run()
    assert (pulled.fetched, pulled.checked) == ((), ("config.json", "model.bin"))
    assert not server.asked


async def test_a_file_that_was_damaged_here_is_brought_again(server: Hub, tmp_path: Path) -> None:
    """Of the same size, and still noticed."""
    await Pull(MODEL, tmp_path, server.url).run()
    (tmp_path / "m" / "model.bin").write_bytes(WEIGHTS[::-1])
    pulled = await Pull(MODEL, tmp_path, server.url).run()
    assert pulled.fetched == ("model.bin",)
    assert (tmp_path / "m" / "model.bin").read_bytes() == WEIGHTS


async def test_a_file_that_is_not_the_catalogues_is_refused(server: Hub, tmp_path: Path) -> None:
    """It does not stay, and the model is not there."""
    server.files["/someone/m/resolve/v1/model.bin"] = WEIGHTS[::-1]
    with pytest.raises(DamagedError, match="is not the file it should be"):
        await Pull(PINNED, tmp_path, server.url).run()
    assert not list((tmp_path / "m").glob("model.bin*"))
    assert place_of(PINNED, tmp_path) is None


async def test_a_file_that_is_not_the_locks_is_refused(server: Hub, tmp_path: Path) -> None:
    """On another machine with the same lock as well."""
    await Pull(MODEL, tmp_path, server.url).run()
    shutil.rmtree(tmp_path / "m")
    server.files[f"/someone/m/resolve/{COMMIT}/deep/model.bin"] = b"something else"
    with pytest.raises(DamagedError):
        await Pull(MODEL, tmp_path, server.url).run()


async def test_a_pull_that_was_broken_off_goes_on(server: Hub, tmp_path: Path) -> None:
    """Only the rest comes."""
    server.break_after = [10_000, 0, 0]
    with pytest.raises(UnreachableError):
        await Pull(PINNED, tmp_path, server.url, patience=HASTE).run()
    assert place_of(PINNED, tmp_path) is None
    server.break_after = []
    await Pull(PINNED, tmp_path, server.url).run()
    assert server.asked[-1][1] == "bytes=10000-"
    assert place_of(PINNED, tmp_path) == tmp_path / "m"


async def test_a_pull_that_is_cancelled_leaves_no_half_file_under_a_whole_ones_name(tmp_path: Path) -> None:
    """What came has another name."""

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 100)
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        pulling = asyncio.create_task(Pull(PINNED, tmp_path, url).run())
        await until(lambda: bool(list((tmp_path / "m").glob("*.part"))))
        pulling.cancel()
        await asyncio.wait([pulling])
        await asyncio.sleep(0.05)
    assert not (tmp_path / "m" / "model.bin").exists()


async def test_offline_nothing_is_fetched(server: Hub, tmp_path: Path) -> None:
    """What is missing is said, and what is here is checked all the same."""
    with pytest.raises(ModelsOfflineError, match="m is not here, and downloads are switched off"):
        await Pull(MODEL, tmp_path, server.url, offline=True).run()
    assert not server.asked
    await Pull(MODEL, tmp_path, server.url).run()
    assert (await Pull(MODEL, tmp_path, server.url, offline=True).run()).checked


async def test_two_pulls_of_one_model_do_not_write_into_each_other(server: Hub, tmp_path: Path) -> None:
    """The second one says so."""
    (tmp_path / "m").mkdir()
    with (tmp_path / "m" / ".pulling").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(PullRunningError):
            await Pull(MODEL, tmp_path, server.url).run()


async def test_a_full_disk_is_said_beforehand(server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after an hour."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 10_000_000))
    with pytest.raises(NoRoomError, match="10 MB free"):
        await Pull(MODEL, tmp_path, server.url).run()
    assert not server.asked


async def test_a_checksum_that_the_server_names_counts_where_nothing_else_is_known(server: Hub, tmp_path: Path) -> None:
    """What was changed on the way is noticed at the first pull as well."""
    server.sends_on = True
    pulled = await Pull(MODEL, tmp_path, server.url).run()
    assert pulled.fetched == ("config.json", "model.bin")
