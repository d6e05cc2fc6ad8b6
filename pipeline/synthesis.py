"""Synthesis: Translations in, Speech out."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import ClassVar, NamedTuple

import msgspec

from pipeline.clock import NowMs, now_ms
from pipeline.deadline import Deadline
from pipeline.engines.fallen import fallen
from pipeline.engines.imitation import imitates
from pipeline.engines.synthesizer import SynthesisRequest, Voicer
from pipeline.engines.who import who
from pipeline.in_time import InTime
from pipeline.matching import match
from pipeline.messages.speech import Speech
from pipeline.messages.translation import Translation
from pipeline.messages.worker_status import Stage as StageName
from pipeline.metrics import DROPS
from pipeline.packing import Packing, speed_for
from pipeline.recent import Recent
from pipeline.settings import SynthesisSettings
from pipeline.stage import Condition, Stage
from pipeline.voice_memory import VoiceMemory


class Sound(NamedTuple):
    """Whose words, and which: the same again sounds the same, whatever revision it comes with."""

    utterance_id: str
    clause: int
    language: str
    text: str


class SynthesisStage(Stage[Translation]):
    """Speaks each clause once: as a speculation if there is one and it turns out right, else when it is final.

    What is not live, or is only read, is never spoken, and nothing is spoken that would start after its deadline.
    """

    name: ClassVar[StageName] = "synthesis"
    takes = Translation

    def __init__(
        self,
        voicer: Voicer,
        settings: SynthesisSettings | None = None,
        *,
        engine: str = "",
        now_ms: NowMs = now_ms,
    ) -> None:
        """`engine` is the voicer's name, for people."""
        self._voicer = voicer
        self._settings = settings or SynthesisSettings()
        self._engine = engine
        self._now_ms = now_ms
        # Clauses that were spoken to their end, by (utterance, clause, revision, language).
        self._spoken: Recent[tuple[str, int, int, str], bool] = Recent(self._settings.clauses)
        # Of those that were begun, the index of the next record.
        self._begun: Recent[tuple[str, int, int, str], int] = Recent(self._settings.clauses)
        self.rooms: VoiceMemory = VoiceMemory(self._settings.voices, gone=voicer.forget)
        self._sounds: Recent[Sound, tuple[bytes, ...]] = Recent(self._settings.sounds)

    def condition(self) -> Condition:
        languages = tuple(sorted(self._voicer.languages))
        reduced = fallen(self._voicer)
        return Condition(
            self._engine,
            healthy=bool(languages),
            languages=languages,
            rung=max(reduced.values(), default=0),
            reduced_languages=tuple(sorted(reduced)),
            imitates=imitates(self._voicer),
        )

    async def work(self, message: Translation) -> AsyncGenerator[Speech, None]:
        if not _is_to_be_spoken(message) or _identity(message) in self._spoken:
            return
        speech = self._speech(message, self._now_ms())
        reason = self._reason_not_to_speak(message)
        if reason or not message.payload:
            if message.is_final:
                yield self._end(speech, 0, reason=reason)
            return
        packing, sent = Packing(self._settings), 0
        async with InTime(self._packets(message), self._deadline(message), self._now_ms) as packets:
            async for packet in packets:
                record = packing.add(packet, self._now_ms())
                if record:
                    self._begun.set(_identity(message), packing.index)
                    yield self._part(speech, packing.index - 1, record, before=sent)
                    sent += len(record)
        index = packing.index
        if not packets.late:
            yield self._end(speech, index, packing.take(), before=sent)
            self._sounds.set(_sound(message), tuple(packets.given))
        elif index or message.is_final:
            yield self._end(speech, index, before=sent, reason="late")
        if packets.late:
            DROPS.labels(self.name, "late").inc()
        if index or not packets.late:
            self._spoken.set(_identity(message), True)

    async def fail(self, message: Translation, reason: str) -> Sequence[Speech]:
        if not _is_to_be_spoken(message):
            return []
        begun = self._begun.get(_identity(message)) or 0
        return [self._end(self._speech(message, self._now_ms()), begun, reason=reason)]

    def give_up_at_ms(self, message: Translation) -> int | None:
        return self._deadline(message).at_ms

    def expendable(self, message: Translation) -> bool:
        return not message.is_final

    def supersedes(self, newer: Translation, older: Translation) -> bool:
        if not older.speculative or newer.utterance_id != older.utterance_id:
            return False
        replaces = newer.is_final or (newer.speculative and newer.revision > older.revision)
        return replaces and (newer.clause > older.clause or newer.payload != older.payload)

    def _deadline(self, translation: Translation) -> Deadline:
        return Deadline.after(translation.ended_at_ms, self._settings.deadline_ms, translation.purpose)

    def _reason_not_to_speak(self, translation: Translation) -> str:
        if translation.skipped:
            return translation.reason
        if match(translation.language, self._voicer.languages) is None:
            DROPS.labels(self.name, "unserved").inc()
            return f"no voice for {translation.language}"
        left_s = self._deadline(translation).left_s(self._now_ms())
        if translation.payload and left_s is not None and left_s < 0:
            DROPS.labels(self.name, "late").inc()
            return "late"
        return ""

    def _packets(self, translation: Translation) -> AsyncIterator[bytes]:
        known = self._sounds.get(_sound(translation))
        if known is not None:
            return _again(known)
        request = SynthesisRequest(
            text=translation.payload,
            language=match(translation.language, self._voicer.languages) or translation.language,
            voice_seed=translation.user_id,
            reference=self.rooms.reference(translation.room_id, translation.user_id),
            speed=speed_for(translation.backlog_ms, self._settings),
        )
        return self._voicer.packets(request)

    def _speech(self, translation: Translation, came_at_ms: int) -> Speech:
        """Give a clause's record without its packets."""
        language = match(translation.language, self._voicer.languages) or translation.language
        return Speech(
            room_id=translation.room_id,
            user_id=translation.user_id,
            sequence_number=translation.sequence_number,
            utterance_id=translation.utterance_id,
            times=msgspec.structs.replace(translation.times, synthesis_in_ms=came_at_ms),
            purpose=translation.purpose,
            packets=(),
            language=translation.language,
            clause=translation.clause,
            revision=translation.revision,
            index=0,
            clause_end=False,
            last=translation.last,
            speculative=translation.speculative,
            ended_at_ms=translation.ended_at_ms,
            characters=len(translation.payload),
            engine=who(self._voicer, language, self._engine),
        )

    def _part(self, speech: Speech, index: int, packets: tuple[bytes, ...], *, before: int) -> Speech:
        times = msgspec.structs.replace(speech.times, synthesis_out_ms=self._now_ms())
        return msgspec.structs.replace(
            speech, index=index, packets=packets, packets_before=before, times=times, last=False
        )

    def _end(
        self, speech: Speech, index: int, packets: tuple[bytes, ...] = (), *, before: int = 0, reason: str = ""
    ) -> Speech:
        """Give a clause's last record. A speculation is the utterance's last clause if it is anything."""
        end = self._part(speech, index, packets, before=before)
        last = speech.last or speech.speculative
        return msgspec.structs.replace(end, clause_end=True, last=last, skipped=bool(reason), reason=reason)


def _is_to_be_spoken(translation: Translation) -> bool:
    is_wanted = translation.voice and translation.purpose == "live"
    return is_wanted and (translation.is_final or translation.speculative)


def _identity(translation: Translation) -> tuple[str, int, int, str]:
    return (translation.utterance_id, translation.clause, translation.revision, translation.language)


def _sound(translation: Translation) -> Sound:
    return Sound(translation.utterance_id, translation.clause, translation.language, translation.payload)


async def _again(packets: tuple[bytes, ...]) -> AsyncGenerator[bytes, None]:
    for packet in packets:
        yield packet
