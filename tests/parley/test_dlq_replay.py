"""Replaying dead letters."""

from msgspec.structs import replace

from parley.dlq import Filter, entries
from parley.dlq_replay import Outcome, replay
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk, DeadLetter, Transcript, Translation
from tests.fakes.letters import letter
from tests.pipeline.support import Heard, chunk, listening, transcript, translation

CLAUSE = transcript("hello", final=True)
SOUND = letter(chunk(0, utterance="u9"), chunk(100, ms=0, last=True, utterance="u9"), offset=9, stage="recognition")
UNREADABLE = letter(offset=8, originals=(b"\xc1",))


async def replayed(bus: MemoryBus, *, dry_run: bool = False, told: list[int] | None = None) -> tuple[Outcome, Heard]:
    async with listening(bus, AudioChunk.TOPIC, Transcript.TOPIC) as heard:
        found = await entries(bus, Filter())
        progress = (told if told is not None else []).append
        outcome = await replay(bus, found, per_second=1_000, dry_run=dry_run, progress=progress)
    return outcome, heard


async def bus_with(*messages: DeadLetter | Transcript | Translation) -> MemoryBus:
    bus = MemoryBus()
    for one in messages:
        await bus.publish(one)
    return bus


async def test_originals_go_back_on_their_topic_as_replays() -> None:
    """Each record of each letter, in order; what cannot be read is refused in words."""
    told: list[int] = []
    async with await bus_with(letter(CLAUSE), SOUND, UNREADABLE) as bus:
        outcome, heard = await replayed(bus, told=told)
    assert [(one.payload, one.purpose) for one in heard.of(Transcript)] == [("hello", "replay")]
    assert [(one.start_ms, one.last, one.purpose) for one in heard.of(AudioChunk)] == [
        (0, False, "replay"),
        (100, True, "replay"),
    ]
    assert (set(outcome.replayed), outcome.records) == ({letter(CLAUSE).id, SOUND.id}, 3)
    assert set(outcome.refused) == {UNREADABLE.id}
    assert outcome.done == {letter(CLAUSE).id, SOUND.id}
    assert told == [1, 2, 3]


async def test_a_second_replay_publishes_nothing_that_is_there_by_then() -> None:
    """Letters that were kept are done with."""
    kept = letter(CLAUSE)
    async with await bus_with(kept, translation("hola", final=True)) as bus:
        outcome, heard = await replayed(bus)
    assert (outcome.replayed, outcome.needless, outcome.done) == ([], [kept.id], {kept.id})
    assert heard.messages == []


async def test_a_dry_run_publishes_nothing() -> None:
    """And says what would be."""
    async with await bus_with(letter(CLAUSE), SOUND) as bus:
        outcome, heard = await replayed(bus, dry_run=True)
    assert (len(outcome.replayed), outcome.records, heard.messages) == (2, 3, [])


async def test_copies_of_a_letter_are_replayed_once() -> None:
    """The newest."""
    async with await bus_with(letter(CLAUSE), replace(letter(CLAUSE), attempts=9)) as bus:
        outcome, heard = await replayed(bus)
    assert (len(outcome.replayed), len(heard.of(Transcript))) == (1, 1)
