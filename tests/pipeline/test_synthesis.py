"""The synthesis stage in its worker: Translations in, Speech out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from types import MappingProxyType

import msgspec

from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import SYNTHESIS_GROUP
from pipeline.engines.engine import EngineCrashedError, UnsupportedLanguageError
from pipeline.messages import DeadLetter, Speech, Translation, VoiceReference, WorkerStatus
from pipeline.messages.speech import PACKET_MS
from pipeline.metrics import DROPS
from pipeline.synthesis import SynthesisStage
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedVoicer
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import Heard, listening, packets_of, translation


@asynccontextmanager
async def stage(voicer: ScriptedVoicer) -> AsyncIterator[tuple[MemoryBus, Heard]]:
    speaking = SynthesisStage(voicer, engine="scripted", now_ms=virtual_now_ms)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        heard = await stack.enter_async_context(listening(bus))
        worker = Worker(bus, Translation.TOPIC, SYNTHESIS_GROUP, speaking, now_ms=virtual_now_ms)
        await stack.enter_async_context(worker)
        yield bus, heard


def outline(heard: Heard) -> list[tuple[int, int, bool, bool]]:
    """Give index, number of packets, clause_end and last of each record."""
    return [(s.index, len(s.packets), s.clause_end, s.last) for s in heard.of(Speech)]


def late_so_far() -> float:
    return float(DROPS.labels("synthesis", "late")._value.get())


@virtual_time
async def test_a_clause_begins_with_a_small_record() -> None:
    """Two packets, then up to ten; the end is marked on the last one."""
    async with stage(ScriptedVoicer()) as (bus, heard):
        await bus.publish(translation("uno dos tres cuatro cinco", final=True, last=True))
        await heard.until(Speech, lambda s: s.clause_end)
    assert outline(heard) == [(0, 2, False, False), (1, 10, False, False), (2, 10, False, False), (3, 3, True, True)]
    assert packets_of(heard.of(Speech)) == [f"uno dos tres cuatro cinco/{n}" for n in range(25)]
    assert [s.packets_before for s in heard.of(Speech)] == [0, 2, 12, 22]
    first = heard.of(Speech)[0]
    assert (first.engine, first.language, first.ended_at_ms, first.speculative) == ("scripted", "es", EPOCH_MS, False)
    assert first.characters == len("uno dos tres cuatro cinco")


@virtual_time
async def test_of_several_engines_the_one_that_speaks_the_language_is_named() -> None:
    """What a voice cost is whose it was."""

    class Several(ScriptedVoicer):
        def serving(self, language: str) -> str:
            return f"the one for {language}"

    async with stage(Several()) as (bus, heard):
        await bus.publish(translation("uno", final=True, language="es-MX"))
        spoken = await heard.until(Speech)
    assert spoken.engine == "the one for es"


@virtual_time
async def test_a_slow_voice_is_not_held_back_until_a_record_is_full() -> None:
    """Packets that come one by one, as they sound, go out soon."""
    async with stage(ScriptedVoicer(packet_s=0.02)) as (bus, heard):
        began_ms = virtual_now_ms()
        await bus.publish(translation("uno dos", final=True))
        await heard.until(Speech, lambda s: s.clause_end)
    ages = [(s.times.synthesis_out_ms or 0) - began_ms for s in heard.of(Speech)]
    assert (ages[0], max(later - earlier for earlier, later in pairwise(ages))) == (40, 40)


@virtual_time
async def test_the_next_clause_is_made_while_the_last_one_plays() -> None:
    """A clause of 1.5 s that takes 0.2 s to make: the one behind it is there a second before it is needed."""
    async with stage(ScriptedVoicer(packets_per_word=25, first_s=0.1, packet_s=0.001)) as (bus, heard):
        for clause, text in enumerate(("uno dos tres", "cuatro cinco seis")):
            await bus.publish(translation(text, final=True, clause=clause, last=clause == 1))
        first = await heard.until(Speech, lambda s: s.clause == 0)
        second = await heard.until(Speech, lambda s: s.clause == 1)
    starts_ms = first.times.synthesis_out_ms or 0
    needed_ms = starts_ms + 75 * PACKET_MS
    assert needed_ms - (second.times.synthesis_out_ms or 0) > 1_000
    assert not second.clause_end, "its end may still be made while its beginning plays"


@virtual_time
async def test_each_speaker_has_a_voice_of_their_own() -> None:
    """The seed is the speaker."""
    voicer = ScriptedVoicer()
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation(final=True, user="ann"))
        await bus.publish(translation(final=True, user="bob"))
        await heard.until(Speech, lambda s: s.user_id == "bob" and s.clause_end)
    assert {request.voice_seed for request in voicer.requests} == {"ann", "bob"}


@virtual_time
async def test_the_voice_hurries_where_sound_waits() -> None:
    """By the backlog that came with the Translation."""
    voicer = ScriptedVoicer()
    async with stage(voicer) as (bus, heard):
        for clause, backlog_ms in enumerate((0, 2500, 9000)):
            await bus.publish(translation(final=True, clause=clause, backlog_ms=backlog_ms))
        await heard.until(Speech, lambda s: s.clause == 2 and s.clause_end)
    assert [request.speed for request in voicer.requests] == [1.0, 1.125, 1.25]


@virtual_time
async def test_interim_text_and_what_is_not_live_is_never_spoken() -> None:
    """Only speculations and finals of now."""
    voicer = ScriptedVoicer()
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation("interim"))
        for purpose in ("history", "replay"):
            await bus.publish(msgspec.structs.replace(translation("old", final=True), purpose=purpose))
        await bus.publish(translation("now", final=True, clause=1))
        await heard.until(Speech)
    assert [request.text for request in voicer.requests] == ["now"]


@virtual_time
async def test_what_is_only_read_is_never_spoken() -> None:
    """Neither its text nor its tombstone becomes a record of sound."""
    read = {"voice": False}
    async with stage(ScriptedVoicer()) as (bus, heard):
        await bus.publish(msgspec.structs.replace(translation("uno", speculative=True), **read))
        await bus.publish(msgspec.structs.replace(translation("uno", final=True), **read))
        await bus.publish(msgspec.structs.replace(translation("", final=True, clause=1, skipped=True), **read))
        await bus.publish(translation("dos", final=True, clause=2, last=True))
        await heard.until(Speech, lambda s: s.clause_end)
    assert {speech.clause for speech in heard.of(Speech)} == {2}


@virtual_time
async def test_a_final_that_was_spoken_as_a_speculation_is_not_spoken_again() -> None:
    """The speculation's last record is the utterance's last, for it is the end if it is anything."""
    voicer = ScriptedVoicer(first_s=0.1)
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation("hola", speculative=True, revision=1))
        await asyncio.sleep(0.05)
        await bus.publish(translation("hola", final=True, last=True, revision=1))
        await bus.publish(translation("adiós", final=True, last=True, utterance="u2"))
        await heard.until(Speech, lambda s: s.utterance_id == "u2" and s.clause_end)
    mine = heard.of(Speech, lambda s: s.utterance_id == "u1")
    assert [(s.index, s.speculative, s.last) for s in mine] == [(0, True, False), (1, True, True)]
    assert [request.text for request in voicer.requests] == ["hola", "adiós"]


@virtual_time
async def test_a_final_that_was_not_spoken_before_is() -> None:
    """A speculation of another revision does not count."""
    async with stage(ScriptedVoicer()) as (bus, heard):
        await bus.publish(translation("hola", speculative=True, revision=1))
        await bus.publish(translation("hola a todos", final=True, last=True, revision=2))
        await heard.until(Speech, lambda s: s.last and not s.speculative)
    finals = heard.of(Speech, lambda s: not s.speculative)
    assert packets_of(finals) == [f"hola a todos/{n}" for n in range(15)]


@virtual_time
async def test_the_same_words_with_a_new_revision_are_not_synthesized_again() -> None:
    """Their packets go out again at once, under the new revision."""
    voicer = ScriptedVoicer(first_s=0.1)
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation("hola", speculative=True, revision=1))
        await heard.until(Speech, lambda s: s.clause_end)
        at_ms = virtual_now_ms()
        await bus.publish(translation("hola", final=True, last=True, revision=2))
        await heard.until(Speech, lambda s: s.clause_end and not s.speculative)
        assert virtual_now_ms() == at_ms
    assert len(voicer.requests) == 1
    assert packets_of(heard.of(Speech, lambda s: s.revision == 2)) == [f"hola/{n}" for n in range(5)]


@virtual_time
async def test_a_speculation_is_broken_off_when_other_words_take_its_place() -> None:
    """By a newer speculation or a final; the engine stops at once."""
    voicer = ScriptedVoicer(first_s=1.0)
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation("uno", speculative=True, revision=1))
        await asyncio.sleep(0.1)
        await bus.publish(translation("uno dos", speculative=True, revision=2))
        await asyncio.sleep(0.1)
        await bus.publish(translation("uno dos tres", final=True, last=True, revision=3))
        await heard.until(Speech, lambda s: s.last)
    assert voicer.broken_off == ["uno", "uno dos"]
    assert virtual_now_ms() == EPOCH_MS + 1200
    assert {s.revision for s in heard.of(Speech)} == {3}


@virtual_time
async def test_a_clause_without_text_is_one_record_without_sound() -> None:
    """It ends the clause, and the utterance if it is the last; it is no tombstone."""
    voicer = ScriptedVoicer()
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation("", final=True, last=True))
        end = await heard.until(Speech)
    assert outline(heard) == [(0, 0, True, True)]
    assert (end.skipped, voicer.requests) == (False, [])


@virtual_time
async def test_a_tombstone_is_passed_on() -> None:
    """With its reason."""
    async with stage(ScriptedVoicer()) as (bus, heard):
        await bus.publish(translation("", final=True, last=True, skipped=True, reason="why"))
        end = await heard.until(Speech)
    assert (end.skipped, end.reason, end.last, end.packets) == (True, "why", True, ())


@virtual_time
async def test_a_language_without_a_voice_is_a_tombstone() -> None:
    """Not a dead letter."""
    async with stage(ScriptedVoicer("fr")) as (bus, heard):
        await bus.publish(translation(final=True))
        assert (await heard.until(Speech)).reason == "no voice for es"
    assert not heard.of(DeadLetter)


@virtual_time
async def test_a_voice_without_the_region_is_good_enough() -> None:
    """The voicer is asked with its own tag; the listener's stays on the Speech."""
    voicer = ScriptedVoicer("es")
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation(final=True, language="es-MX"))
        assert (await heard.until(Speech)).language == "es-MX"
    assert voicer.requests[0].language == "es"


@virtual_time
async def test_what_comes_too_late_is_not_spoken() -> None:
    """Five seconds after the end of its sound a final is a tombstone, counted; a speculation is nothing."""
    before, voicer = late_so_far(), ScriptedVoicer()
    async with stage(voicer) as (bus, heard):
        await asyncio.sleep(5.001)
        await bus.publish(translation("hola", speculative=True))
        await bus.publish(translation("hola", final=True, last=True))
        await heard.until(Speech)
    assert [(s.skipped, s.reason, s.last, s.clause_end) for s in heard.of(Speech)] == [(True, "late", True, True)]
    assert (late_so_far() - before, voicer.requests) == (2, [])


@virtual_time
async def test_a_voice_that_does_not_begin_in_time_is_given_up() -> None:
    """At the deadline, not when the engine gets round to it."""
    voicer = ScriptedVoicer(first_s=60)
    async with stage(voicer) as (bus, heard):
        await bus.publish(translation("hola", final=True))
        assert (await heard.until(Speech)).reason == "late"
        assert virtual_now_ms() == EPOCH_MS + 5000
    assert voicer.broken_off == ["hola"]
    assert not heard.of(DeadLetter)


@virtual_time
async def test_a_voice_that_falls_behind_while_it_speaks_is_ended() -> None:
    """A packet may come as late as it would sound after the latest start; then the clause ends where it is."""
    async with stage(ScriptedVoicer(first_s=4.8, packet_s=0.05)) as (bus, heard):
        await bus.publish(translation("uno dos tres", final=True, last=True))
        end = await heard.until(Speech, lambda s: s.clause_end)
        assert 5000 < virtual_now_ms() - EPOCH_MS < 5200
    assert (end.skipped, end.reason, end.last) == (True, "late", True)
    assert end.index == len(heard.of(Speech)) - 1 > 0


@virtual_time
async def test_a_speculation_that_began_and_fell_behind_is_ended_where_it_is() -> None:
    """Its final adds nothing: the clause has its end."""
    async with stage(ScriptedVoicer(first_s=4.8, packet_s=0.05)) as (bus, heard):
        await bus.publish(translation("uno dos tres", speculative=True))
        await heard.until(Speech, lambda s: s.clause_end)
        await bus.publish(translation("uno dos tres", final=True, last=True))
        await asyncio.sleep(1)
    assert [s.clause_end for s in heard.of(Speech)].count(True) == 1


@virtual_time
async def test_a_voice_that_crashes_speaks_from_the_beginning_again() -> None:
    """Identities are the same, so what was heard of it is known for a duplicate."""

    class CrashesOnce(ScriptedVoicer):
        async def packets(self, request):  # type: ignore[no-untyped-def]
            crash = not self.requests
            async for packet in super().packets(request):
                yield packet
                if crash and packet.endswith(b"/4"):
                    raise EngineCrashedError

    async with stage(CrashesOnce()) as (bus, heard):
        await bus.publish(translation("uno dos", final=True))
        await heard.until(Speech, lambda s: s.clause_end)
    assert outline(heard) == [(0, 2, False, False), (0, 2, False, False), (1, 8, True, False)]


@virtual_time
async def test_a_voice_that_fails_for_good_ends_its_clause() -> None:
    """Behind what was already given out, so that playing on does not wait."""
    async with stage(ScriptedVoicer(faults=[UnsupportedLanguageError("es")])) as (bus, heard):
        await bus.publish(translation("hola", final=True, last=True))
        await heard.until(DeadLetter)
    assert outline(heard) == [(0, 0, True, True)]
    assert heard.of(Speech)[0].reason == "UnsupportedLanguageError"


@virtual_time
async def test_the_status_names_the_languages() -> None:
    """What the voicer can say."""
    async with stage(ScriptedVoicer("fr", "es")) as (_, heard):
        status = await heard.until(WorkerStatus)
    assert (status.stage, status.engine, status.languages) == ("synthesis", "scripted", ("es", "fr"))


def test_it_is_told_what_is_not_done_by_the_best_engine() -> None:
    """With the place of whoever does it."""

    class Laddered(ScriptedVoicer):
        fallen = MappingProxyType({"es": 1})

    condition = SynthesisStage(Laddered()).condition()
    assert (condition.rung, condition.reduced_languages) == (1, ("es",))


@virtual_time
async def test_who_consented_is_spoken_for_in_their_own_voice_until_they_take_it_back() -> None:
    """The engine gets their sound with each clause, and is told to forget it; in another room it gets nothing."""
    voicer = ScriptedVoicer()
    async with stage(voicer) as (bus, heard):
        await bus.publish(VoiceReference(room_id="room", user_id="ann", payload=b"sound"))
        await asyncio.sleep(0.1)
        uno = translation("uno", final=True, last=True)
        await bus.publish(uno)
        await heard.until(Speech, lambda s: s.clause_end)
        await bus.publish(msgspec.structs.replace(uno, room_id="other", utterance_id="u2"))
        await heard.until(Speech, lambda s: s.room_id == "other" and s.clause_end)
        await bus.publish(VoiceReference(room_id="room", user_id="ann", ended=True))
        await asyncio.sleep(0.1)
        await bus.publish(translation("dos", final=True, last=True, utterance="u3"))
        await heard.until(Speech, lambda s: s.utterance_id == "u3" and s.clause_end)
    assert [request.reference for request in voicer.requests] == [b"sound", b"", b""]
    assert voicer.forgotten == ["ann"]
