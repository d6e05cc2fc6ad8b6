"""One record's way through a stage."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from itertools import pairwise

import pytest

from pipeline.bus.bus import BusClosedError, BusError
from pipeline.engines.engine import EngineError, UnsupportedLanguageError
from pipeline.job import BusyError, FailedBeforeError, Failure, Job, TimeLimitError, WrongMessageError, is_retriable
from pipeline.messages import Said
from pipeline.messages.codec import UnreadableRecordError
from pipeline.settings import WorkerSettings
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import translation

Published = list[Said]
UNO, DOS, NADA = translation("uno"), translation("dos"), translation("", skipped=True)


def raise_it(error: Exception) -> None:
    raise error


def job(
    results: Callable[[], AsyncGenerator[Said, None]], published: Published, *, attempts: int = 5, limit_s: float = 20.0
) -> Job:
    async def publish(message: Said) -> None:
        published.append(message)

    settings = WorkerSettings(record_limit_s=limit_s)
    return Job(
        results,
        publish,
        stage="test",
        settings=settings,
        give_up_at_ms=None,
        attempts=attempts,
        now_ms=virtual_now_ms,
    )


@virtual_time
async def test_each_result_is_published_before_the_next_is_made() -> None:
    """In order."""
    published: Published = []
    seen = []

    async def results() -> AsyncGenerator[Said, None]:
        yield UNO
        seen.append(len(published))
        yield DOS
        seen.append(len(published))

    assert await job(results, published).run() is None
    assert (published, seen) == ([UNO, DOS], [1, 2])


@virtual_time
async def test_only_what_has_content_counts_as_an_answer() -> None:
    """A tombstone, an empty end or nothing at all says nothing about the engine."""
    cases: list[tuple[Published, bool]] = [([], False), ([NADA], False), ([NADA, UNO], True)]
    for given, answered in cases:

        async def results(given: Published = given) -> AsyncGenerator[Said, None]:
            for message in given:
                yield message

        one = job(results, [])
        assert await one.run() is None
        assert one.answered is answered


@virtual_time
async def test_waiting_for_the_bus_is_not_in_the_time_limit() -> None:
    """However long that takes, the engine still has its time; and no more than that."""
    published: Published = []

    async def results() -> AsyncGenerator[Said, None]:
        await asyncio.sleep(12)
        yield UNO
        await asyncio.sleep(12)

    async def publish(message: Said) -> None:
        await asyncio.sleep(60)
        published.append(message)

    one = job(results, published)
    one._publish = publish
    failure = await one.run()
    assert failure is not None
    assert (failure.name, published) == ("TimeLimitError", [UNO])
    assert virtual_now_ms() == EPOCH_MS + 80_000


@virtual_time
async def test_a_result_that_the_bus_refuses_is_a_failure() -> None:
    """Of this record only."""

    async def results() -> AsyncGenerator[Said, None]:
        raise_it(BusError("too large"))
        yield UNO

    failure = await job(results, []).run()
    assert failure is not None
    assert (failure.name, failure.attempts) == ("BusError", 1)


def test_only_errors_of_the_engine_speak_against_it() -> None:
    """A record that cannot be read is not its fault."""
    assert Failure(ValueError(), 1, 0).is_engines
    for error in (
        BusError(),
        BusyError(),
        UnreadableRecordError("why"),
        WrongMessageError(),
        FailedBeforeError("EngineError"),
    ):
        assert not Failure(error, 1, 0).is_engines
    assert Failure(FailedBeforeError("EngineError"), 1, 0).name == "EngineError"


@virtual_time
async def test_the_time_limit_covers_all_tries() -> None:
    """And the failure says since when it failed."""

    async def results() -> AsyncGenerator[Said, None]:
        await asyncio.sleep(3)
        raise_it(EngineError("again"))
        yield UNO

    failure = await job(results, [], attempts=1000, limit_s=10.0).run()
    assert failure is not None
    assert isinstance(failure.error, TimeLimitError)
    assert failure.first_failed_at_ms == EPOCH_MS + 3000
    assert virtual_now_ms() == EPOCH_MS + 10_000


@virtual_time
async def test_tries_are_ever_further_apart_by_chance() -> None:
    """A random time below 0.1, 0.2, 0.4 ... seconds."""
    tries = []

    async def results() -> AsyncGenerator[Said, None]:
        tries.append(virtual_now_ms())
        raise_it(EngineError("again"))
        yield UNO

    failure = await job(results, [], attempts=5).run()
    assert failure is not None
    assert failure.attempts == 5
    waits_ms = [later - earlier for earlier, later in pairwise(tries)]
    assert all(wait_ms <= most for wait_ms, most in zip(waits_ms, (100, 200, 400, 800), strict=True))
    assert sum(waits_ms) > 0


@virtual_time
async def test_superseding_breaks_off_and_is_no_failure() -> None:
    """What was published stays published; the stage's generator is closed."""
    published: Published = []
    closed = []

    async def results() -> AsyncGenerator[Said, None]:
        try:
            yield UNO
            await asyncio.sleep(60)
            yield DOS
        finally:
            closed.append(True)

    one = job(results, published)
    running = asyncio.create_task(one.run())
    await asyncio.sleep(1)
    one.supersede()
    one.supersede()
    assert await running is None
    one.supersede()
    assert (published, closed, virtual_now_ms()) == ([UNO], [True], EPOCH_MS + 1000)


@virtual_time
async def test_what_was_superseded_before_it_began_does_not_begin() -> None:
    """The stage is not asked."""
    asked = []

    async def results() -> AsyncGenerator[Said, None]:
        asked.append(True)
        yield UNO

    one = job(results, [])
    one.supersede()
    assert await one.run() is None
    assert not asked


@virtual_time
async def test_a_bus_that_is_closed_is_nobodys_failure() -> None:
    """The record is left as it is, to be delivered again."""

    async def results() -> AsyncGenerator[Said, None]:
        raise_it(BusClosedError())
        yield UNO

    with pytest.raises(BusClosedError):
        await job(results, []).run()


def test_what_may_be_retried() -> None:
    """Engines say so of their errors; a timeout may, a mistake may not."""
    errors: list[Exception] = [EngineError(), TimeoutError(), UnsupportedLanguageError(), ValueError()]
    assert [is_retriable(error) for error in errors] == [True, True, False, False]
