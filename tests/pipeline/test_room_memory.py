"""What the workers know of the rooms."""

import asyncio

from pipeline.bus.memory import MemoryBus
from pipeline.messages import RoomSettings
from pipeline.room_memory import TERM_CHARACTERS, TERMS, RoomMemory
from tests.pipeline.support import transcript

GLOSSARY = {"hub": {"es": "eje", "pt-BR": "eixo", "zh-Hant": "樞紐"}, "stand-up": {"es": "reunión"}, "  ": {"es": "x"}}


def test_a_glossary_is_given_by_target_language() -> None:
    """The closest that is understood; a language without renderings has none."""
    memory = RoomMemory()
    memory.note(RoomSettings(room_id="a", glossary=GLOSSARY, formality="less"))
    assert memory.glossary("a", "es-MX") == {"hub": "eje", "stand-up": "reunión"}
    assert memory.glossary("a", "pt") == {"hub": "eixo"}
    assert memory.glossary("a", "zh-TW") == {"hub": "樞紐"}
    assert memory.glossary("a", "fi") == {}
    assert memory.formality("a") == "less"
    assert memory.terms("a", 9) == ("hub", "stand-up")
    assert memory.terms("a", 1) == ("hub",)


def test_a_room_nobody_set_anything_for_has_nothing() -> None:
    """And the default manners."""
    memory = RoomMemory()
    memory.note(transcript())
    assert (memory.glossary("a", "es"), memory.formality("a"), memory.terms("a", 9)) == ({}, "default", ())


def test_the_newest_settings_count() -> None:
    """Also for a language that was asked for before."""
    memory = RoomMemory()
    for rendering in ("eje", "centro"):
        memory.note(RoomSettings(room_id="a", glossary={"hub": {"es": rendering}}))
        assert memory.glossary("a", "es") == {"hub": rendering}


def test_an_ended_room_is_forgotten() -> None:
    """And whoever else remembers something of it is told."""
    ended: list[str] = []
    memory = RoomMemory(ended=ended.append)
    memory.note(RoomSettings(room_id="a", glossary=GLOSSARY))
    memory.note(RoomSettings(room_id="a", ended=True))
    memory.note(RoomSettings(room_id="never seen", ended=True))
    assert memory.glossary("a", "es") == {}
    assert (len(memory), ended) == (0, ["a", "never seen"])


def test_memory_is_bounded() -> None:
    """Rooms, terms, and the length of a term."""
    memory = RoomMemory(2)
    for room in "abc":
        memory.note(RoomSettings(room_id=room, formality="more"))
    assert [memory.formality(room) for room in "abc"] == ["default", "more", "more"]
    many = {f"t{number}": {"es": "x"} for number in range(TERMS + 1)}
    memory.note(RoomSettings(room_id="a", glossary={"x" * (TERM_CHARACTERS + 1): {"es": "x"}, **many}))
    assert len(memory.glossary("a", "es")) == TERMS


async def test_it_follows_the_topic() -> None:
    """What stands there, and what comes."""
    memory = RoomMemory()
    async with MemoryBus() as bus:
        await bus.publish(RoomSettings(room_id="a", formality="more"))
        following = asyncio.create_task(memory.follow(bus))
        await asyncio.sleep(0.01)
        assert memory.formality("a") == "more"
    await following
