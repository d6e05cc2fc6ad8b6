"""Whose own voices may be used now."""

import asyncio

from pipeline.bus.memory import MemoryBus
from pipeline.messages import RoomSettings, VoiceReference
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.messages.voice_reference import LONGEST_MS
from pipeline.voice_memory import VoiceMemory

ADA = VoiceReference(room_id="a", user_id="ada", payload=b"ada's")
BEA = VoiceReference(room_id="a", user_id="bea", payload=b"bea's")


def test_a_voice_is_given_in_its_own_room_only() -> None:
    """Consent is for one room, and nobody has a voice who did not give theirs."""
    memory = VoiceMemory(9)
    memory.note(ADA)
    assert memory.reference("a", "ada") == b"ada's"
    assert memory.reference("b", "ada") == memory.reference("a", "bea") == b""


def test_a_voice_that_is_taken_back_is_forgotten_and_that_is_told() -> None:
    """At once, and only that one."""
    gone: list[str] = []
    memory = VoiceMemory(9, gone=gone.append)
    memory.note(ADA)
    memory.note(BEA)
    memory.note(VoiceReference(room_id="a", user_id="ada", ended=True))
    assert (memory.reference("a", "ada"), memory.reference("a", "bea")) == (b"", b"bea's")
    assert (len(memory), gone) == (1, ["ada"])


def test_nothing_is_kept_of_a_room_that_ends() -> None:
    """All voices in it are forgotten, those of other rooms stay."""
    gone: list[str] = []
    memory = VoiceMemory(9, gone=gone.append)
    for voice in (ADA, BEA, VoiceReference(room_id="b", user_id="carl", payload=b"carl's")):
        memory.note(voice)
    memory.note(RoomSettings(room_id="a"))
    assert len(memory) == 3
    memory.note(RoomSettings(room_id="a", ended=True))
    assert (len(memory), sorted(gone), memory.reference("b", "carl")) == (1, ["ada", "bea"], b"carl's")


def test_memory_is_bounded() -> None:
    """The voice that came first goes, whoever is crowded out is not listed for ever, and long sounds are cut."""
    memory = VoiceMemory(2)
    for number in range(50):
        memory.note(VoiceReference(room_id=f"room{number}", user_id="ada", payload=bytes(LONGEST_MS * 40)))
    assert len(memory) == 2
    assert sum(map(len, memory._rooms.values())) <= 4
    assert memory.reference("room0", "ada") == b""
    assert len(memory.reference("room49", "ada")) == LONGEST_MS * BYTES_PER_MS


async def test_it_follows_the_topic() -> None:
    """What stands there, and what comes."""
    memory = VoiceMemory(9)
    async with MemoryBus() as bus:
        await bus.publish(ADA)
        following = asyncio.create_task(memory.follow(bus))
        await asyncio.sleep(0.01)
        assert memory.reference("a", "ada") == b"ada's"
    await following
