"""The captions of a room, for somebody who is not in it."""

import pytest

from parley.client.backoff import BackoffSettings
from parley.client.captions import Captions
from parley.client.errors import RejectedError, TokenError
from tests.fakes.switchboard import TICKET, Switchboard, caption, captions, switchboard

QUICK = BackoffSettings(first_s=0.01, most_s=0.02, give_up_s=0.3)


def reading(server: Switchboard, *, interim: bool = False) -> Captions:
    return Captions(server.url, "hall", token=TICKET, language="es", interim=interim, backoff=QUICK)


async def test_final_captions_come_in_order() -> None:
    """Interim ones only for whoever asks for them."""
    told = [caption("ho", final=False), caption("hola"), caption("adiós", clause=1)]
    async with switchboard(captions(*told, close=1000)) as server:
        async with reading(server) as final:
            assert [each.text async for each in final] == ["hola", "adiós"]
        async with reading(server, interim=True) as every:
            assert [each.text async for each in every] == ["ho", "hola", "adiós"]
    assert server.queries[0] == {"token": "t", "language": "es"}


async def test_only_what_was_recognised() -> None:
    """Whoever wants no translations says so."""
    async with (
        switchboard(captions(close=1000)) as server,
        Captions(server.url, "hall", token=TICKET, translate=False, backoff=QUICK) as found,
    ):
        assert [each async for each in found] == []
    assert server.queries == [{"token": "t", "translate": "0"}]


async def test_what_comes_again_after_a_break_is_passed_over() -> None:
    """The server tells the last ones to whoever comes back; the reader gets each once."""
    first = captions(caption("one"), lost=True)
    second = captions(caption("one"), caption("two", clause=1), close=1000)
    async with switchboard(first, second) as server, reading(server) as found:
        assert [each.text async for each in found] == ["one", "two"]


async def test_a_caption_that_changes_comes_again() -> None:
    """What failed may be done later: that is another caption in the same place."""
    async with switchboard(captions(caption("one"), caption("uno"), close=1000)) as server, reading(server) as found:
        assert [each.text async for each in found] == ["one", "uno"]


async def test_a_bad_token_shows_in_the_reading() -> None:
    """It is not tried again."""
    async with switchboard(captions(close=4001)) as server, reading(server) as found:
        with pytest.raises(TokenError):
            async for _ in found:
                pass
    assert len(server.paths) == 1


async def test_a_server_that_stays_away_is_given_up() -> None:
    """With what it answered last."""
    async with switchboard(captions(caption("one"), lost=True)) as server, reading(server) as found:
        server.refusals = [503] * 1000
        with pytest.raises(RejectedError):
            async for _ in found:
                pass


async def test_a_socket_that_is_not_opened_is_told_at_once() -> None:
    """Opening raises it."""
    async with switchboard(captions()) as server:
        server.refusals = [503]
        with pytest.raises(RejectedError):
            async with reading(server):
                pass
