"""Rooms' glossaries at DeepL."""

import asyncio
import time

import pytest

from pipeline.engines.deepl.glossaries import TERMS, Glossaries, Words
from pipeline.engines.engine import EngineError, EngineRefusedError


def words(room: str = "r", **glossary: str) -> Words:
    return Words.of(room, "EN", "PT-BR", glossary or {"a": "b"})


def test_a_glossary_is_of_languages_and_of_bounded_size() -> None:
    """Whatever a room puts in; its name does not tell the room's."""
    many = Words.of("our room", "EN", "PT-BR", {f"t{number}": "x\ny" for number in range(TERMS + 5)})
    assert (many.source, many.target, len(many.terms)) == ("EN", "PT", TERMS)
    assert many.terms[0] == ("t0", "x y")
    assert "room" not in many.name


async def test_clauses_at_once_share_one_glossary() -> None:
    """It is made once."""
    made: list[Words] = []

    def make(one: Words) -> str:
        time.sleep(0.02)
        made.append(one)
        return "id"

    glossaries = Glossaries(make, lambda _: None, size=2)
    assert await asyncio.gather(*(glossaries.id_of(words()) for _ in range(5))) == ["id"] * 5
    assert len(made) == 1
    await glossaries.close()


async def test_a_clause_that_is_cancelled_does_not_cancel_the_glossary() -> None:
    """The next clause uses it."""
    deleted: list[str] = []

    def make(_: Words) -> str:
        time.sleep(0.05)
        return "id"

    glossaries = Glossaries(make, deleted.append, size=2)
    first = asyncio.create_task(glossaries.id_of(words()))
    await asyncio.sleep(0.01)
    first.cancel()
    assert await glossaries.id_of(words()) == "id"
    await glossaries.close()
    await glossaries.close()
    assert deleted == ["id"]


@pytest.mark.parametrize(("error", "tries"), [(EngineError("busy"), 2), (EngineRefusedError("no", "pay"), 1)])
async def test_only_what_may_pass_is_tried_again(error: EngineError, tries: int) -> None:
    """A refusal is remembered."""
    made: list[Words] = []

    def make(one: Words) -> str:
        made.append(one)
        raise error

    glossaries = Glossaries(make, lambda _: None, size=2)
    assert [await glossaries.id_of(words()) for _ in range(2)] == [None, None]
    assert len(made) == tries
    await glossaries.close()


async def test_no_words_or_no_room_for_them_ask_nothing() -> None:
    """There is nothing to make."""
    glossaries = Glossaries(lambda _: "id", lambda _: None, size=0)
    assert await glossaries.id_of(words()) is None
    assert await Glossaries(lambda _: "id", lambda _: None, size=1).id_of(Words.of("r", "EN", "DE", {})) is None


async def test_what_cannot_be_deleted_holds_nothing_up() -> None:
    """It is left, and said."""

    def refuse(_: str) -> None:
        raise EngineError("busy")

    glossaries = Glossaries(lambda _: "id", refuse, size=1)
    await glossaries.id_of(words())
    await glossaries.close()
