from pipeline.engines.http.client import HttpClient
from pipeline.engines.live.switchboard import Switchboard
from tests.pipeline.engines.live.test_utterance import PATIENCE, Counting, count
from tests.support.provider import Provider
from tests.support.until import until


async def test_it_closes_what_nobody_ended() -> None:
    """A second time does nothing."""
    async with Provider() as provider:
        provider.talk("/count", count)
        board = Switchboard(HttpClient(provider.url), PATIENCE)
        async with board:
            ended, left = board.open(Counting()), board.open(Counting())
            await until(lambda: provider.open_talks == 2)
            await ended.abort()
            await until(lambda: provider.open_talks == 1)
            assert not left.task.done()
        assert left.task.done()
        await until(lambda: provider.open_talks == 0)
        await board.__aexit__()


async def test_more_than_may_ask_at_once_wait_for_their_line() -> None:
    """Their sound waits with them."""
    async with Provider() as provider:
        provider.talk("/count", count)
        async with Switchboard(HttpClient(provider.url, concurrency=1), PATIENCE) as board:
            first, second = board.open(Counting()), board.open(Counting())
            await first.push(bytes(2))
            await second.push(bytes(4))
            await until(lambda: provider.open_talks == 1)
            assert (await first.finish()).text == "2"
            assert (await second.finish()).text == "4"
            assert len(provider.talks) == 2
