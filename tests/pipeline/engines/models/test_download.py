"""One file over HTTP, from servers that behave and servers that do not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.engines.models.download import Downloads, Patience
from pipeline.engines.models.errors import UnreachableError
from tests.pipeline.engines.models.hub import COMMIT, Hub, hub

BODY = bytes(range(256)) * 400
HASTE = Patience(tries=3, first_s=0.01, connect_s=1.0, stall_s=0.2)


@pytest.fixture
async def server() -> AsyncIterator[Hub]:
    async with hub({"/m.bin": BODY}) as serves:
        yield serves


@pytest.fixture
async def downloads() -> AsyncIterator[Downloads]:
    async with Downloads(HASTE) as session:
        yield session


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "m.bin.part"


def content(path: Path) -> bytes:
    return path.read_bytes()


def fill(path: Path, begun: bytes) -> None:
    path.write_bytes(begun)


def ignore(_here: int, _total: int | None) -> None:
    pass


async def test_a_file_is_brought_and_its_growth_told(server: Hub, downloads: Downloads, part: Path) -> None:
    """From nothing to all of it."""
    told: list[tuple[int, int | None]] = []
    source = await downloads.fetch(f"{server.url}/m.bin", part, lambda here, total: told.append((here, total)))
    assert content(part) == BODY
    assert (told[0], told[-1]) == ((0, len(BODY)), (len(BODY), len(BODY)))
    assert source.commit == COMMIT


async def test_a_broken_download_goes_on_where_it_stopped(server: Hub, downloads: Downloads, part: Path) -> None:
    """Only the rest is asked for, and only if it is still the same file."""
    server.break_after = [30_000, 20_000]
    await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    assert content(part) == BODY
    assert [asked[1] for asked in server.asked] == ["", "bytes=30000-", "bytes=50000-"]
    assert server.asked[1][2]


async def test_another_process_goes_on_as_well(server: Hub, downloads: Downloads, part: Path) -> None:
    """What it needs to know lies beside the part."""
    server.break_after = [40_000] + [0] * 9
    with pytest.raises(UnreachableError, match="try again, and it goes on"):
        await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    server.break_after = []
    async with Downloads(HASTE) as others:
        await others.fetch(f"{server.url}/m.bin", part, ignore)
    assert content(part) == BODY
    assert server.asked[-1][1] == "bytes=40000-"


async def test_a_file_that_changed_meanwhile_comes_whole(server: Hub, downloads: Downloads, part: Path) -> None:
    """Halves of two files are no file."""
    server.break_after = [40_000, 0, 0, 0]
    with pytest.raises(UnreachableError):
        await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    server.files["/m.bin"], server.break_after = BODY[::-1], []
    await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    assert content(part) == BODY[::-1]


@pytest.mark.parametrize(("known", "asked"), [(False, ""), (True, "bytes=1000-")])
async def test_without_a_tag_it_goes_on_only_if_the_checksum_is_known(
    server: Hub, downloads: Downloads, part: Path, known: bool, asked: str
) -> None:
    """Somebody has to notice if it is another file."""
    server.tags = False
    fill(part, BODY[:1000])
    await downloads.fetch(f"{server.url}/m.bin", part, ignore, known=known)
    assert content(part) == BODY
    assert server.asked[0][1] == asked


async def test_a_server_that_cannot_send_parts_sends_all(server: Hub, downloads: Downloads, part: Path) -> None:
    """What was here is written over."""
    server.ranges = False
    fill(part, b"x" * 1000)
    await downloads.fetch(f"{server.url}/m.bin", part, ignore, known=True)
    assert content(part) == BODY


async def test_a_part_that_is_whole_already_is_taken(server: Hub, downloads: Downloads, part: Path) -> None:
    """The process ended just before it could rename it."""
    fill(part, BODY)
    await downloads.fetch(f"{server.url}/m.bin", part, ignore, known=True)
    assert content(part) == BODY


async def test_a_part_that_is_too_long_is_of_another_file(server: Hub, downloads: Downloads, part: Path) -> None:
    """It is brought anew."""
    fill(part, BODY + b"more")
    await downloads.fetch(f"{server.url}/m.bin", part, ignore, known=True)
    assert content(part) == BODY


async def test_a_busy_server_is_asked_again(server: Hub, downloads: Downloads, part: Path) -> None:
    """And again, for a while."""
    server.statuses = [503, 500]
    await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    assert content(part) == BODY


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_will_not_be_given_is_asked_for_once(
    server: Hub, downloads: Downloads, part: Path, status: int
) -> None:
    """The status is told."""
    server.statuses = [status]
    with pytest.raises(UnreachableError, match=str(status)):
        await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    assert len(server.asked) == 1


async def test_no_network_is_said_in_time(downloads: Downloads, part: Path) -> None:
    """With what to do."""
    with pytest.raises(UnreachableError, match=r"set engines\.models_url"):
        await downloads.fetch("http://127.0.0.1:9/m.bin", part, ignore)


async def test_a_server_that_falls_silent_is_given_up(downloads: Downloads, part: Path) -> None:
    """After some tries; a slow one that goes on sending is not."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    quiet = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with quiet:
        port = quiet.sockets[0].getsockname()[1]
        with pytest.raises(UnreachableError):
            await downloads.fetch(f"http://127.0.0.1:{port}/m.bin", part, ignore)
        await asyncio.sleep(0.05)


async def test_the_checksum_is_read_before_it_is_sent_elsewhere(server: Hub, downloads: Downloads, part: Path) -> None:
    """The Hub names it on its own answer, not where large files lie."""
    server.sends_on = True
    source = await downloads.fetch(f"{server.url}/m.bin", part, ignore)
    assert len(source.sha256) == 64
    assert content(part) == BODY
