"""A worker's books: a log line a clause that its stage gave out, histograms, and usage. Ids and times, never text."""

from collections.abc import Callable

import structlog

from pipeline.matching import match, match_pair
from pipeline.messages.base import Said, Times
from pipeline.messages.speech import PACKET_MS, Speech
from pipeline.messages.transcript import Transcript
from pipeline.messages.translation import Translation
from pipeline.metrics import AGE_SECONDS, STAGE_SECONDS
from pipeline.recent import Recent
from pipeline.stage import Condition
from pipeline.usage import Doing, Usage

OPEN = 1_000
"""Clauses of which the first packets are out and the end is not; the oldest is forgotten."""
OTHER = "other"
"""The label of a language that the engine does not list."""

log = structlog.get_logger(__name__)


class Ledger:
    """Notes what a stage gave out. A clause counts when it is final, or was translated or spoken as a speculation."""

    def __init__(self, condition: Callable[[], Condition], usage: Usage | None = None) -> None:
        self._condition = condition
        self._usage = usage or Usage()
        self._labels: Recent[tuple[str, str], tuple[str, str]] = Recent(OPEN)
        # When the first packets of a clause were there, and how many packets came so far.
        self._speaking: Recent[tuple[str, int, int, str], tuple[int | None, int]] = Recent(OPEN)
        # What was counted: how much of each utterance was heard (ms), which texts were translated, and how many packets
        # each clause was spoken in. What is given out again from memory is no more work for an engine.
        self._heard: Recent[str, int] = Recent(OPEN)
        self._translated: Recent[tuple[str, int, str, str], bool] = Recent(OPEN)
        self._spoken: Recent[tuple[str, int, str], tuple[int, int]] = Recent(OPEN)

    def note(self, result: Said) -> None:
        """Take what was just published."""
        if isinstance(result, Transcript):
            if result.is_final:
                self._text(result, result.language, "")
                self._count_heard(result)
        elif isinstance(result, Translation):
            if result.is_final or result.speculative:
                self._text(result, result.source_language, result.language)
                self._count_translated(result)
        elif isinstance(result, Speech):
            self._speech(result)

    def tick(self) -> None:
        """Write the usage that is due."""
        self._usage.tick()

    def close(self) -> None:
        """Write the usage that is open."""
        self._usage.close()

    def _count_heard(self, transcript: Transcript) -> None:
        before = self._heard.get(transcript.utterance_id) or 0
        if transcript.skipped or transcript.heard_ms <= before:
            return
        self._heard.set(transcript.utterance_id, transcript.heard_ms)
        doing = Doing("recognition", transcript.engine, *self._labelled(transcript.language, ""))
        self._usage.add(transcript.room_id, doing, seconds=(transcript.heard_ms - before) / 1000)

    def _count_translated(self, translation: Translation) -> None:
        text = (translation.utterance_id, translation.clause, translation.language, translation.source_text)
        if translation.payload and text not in self._translated:
            self._translated.set(text, True)
            languages = self._labelled(translation.source_language, translation.language)
            doing = Doing("translation", translation.engine, *languages)
            self._usage.add(translation.room_id, doing, characters=len(translation.source_text))

    def _count_spoken(self, speech: Speech, packets: int) -> None:
        clause, sound = (speech.utterance_id, speech.clause, speech.language), (speech.characters, packets)
        if packets and self._spoken.get(clause) != sound:
            self._spoken.set(clause, sound)
            doing = Doing("synthesis", speech.engine, *self._labelled("", speech.language))
            seconds = packets * PACKET_MS / 1000
            self._usage.add(speech.room_id, doing, seconds=seconds, characters=speech.characters)

    def _text(self, text: Transcript | Translation, source: str, target: str) -> None:
        is_transcript = isinstance(text, Transcript)
        stage = "recognition" if is_transcript else "translation"
        times = text.times
        came, gone = (
            (times.recognition_in_ms, times.recognition_out_ms)
            if is_transcript
            else (times.translation_in_ms, times.translation_out_ms)
        )
        if text.payload:
            self._measure(text, stage, source, target, came, gone)
        self._write(text, stage, source, target, took_ms=_since(came, gone), characters=len(text.payload))

    def _speech(self, speech: Speech) -> None:
        clause = (speech.utterance_id, speech.clause, speech.revision, speech.language)
        first_ms, packets = self._speaking.get(clause) or (None, 0)
        times = speech.times
        if first_ms is None and speech.packets:
            first_ms = times.synthesis_out_ms
            self._measure(speech, "synthesis", "", speech.language, times.synthesis_in_ms, first_ms)
        self._speaking.set(clause, (first_ms, packets + len(speech.packets)))
        if speech.clause_end:
            self._count_spoken(speech, packets + len(speech.packets))
            self._write(
                speech,
                "synthesis",
                "",
                speech.language,
                took_ms=_since(times.synthesis_in_ms, times.synthesis_out_ms),
                first_ms=_since(times.synthesis_in_ms, first_ms),
                packets=packets + len(speech.packets),
            )

    def _measure(
        self,
        result: Transcript | Translation | Speech,
        stage: str,
        source: str,
        target: str,
        came_ms: int | None,
        gone_ms: int | None,
    ) -> None:
        """Feed the histograms. What is not live took as long as it did, and its age says nothing."""
        if came_ms is None or gone_ms is None:
            return
        labels = self._labelled(source, target)
        STAGE_SECONDS.labels(stage, result.engine, *labels).observe(max(0, gone_ms - came_ms) / 1000)
        if result.purpose == "live" and result.ended_at_ms:
            AGE_SECONDS.labels(stage).observe(max(0, gone_ms - result.ended_at_ms) / 1000)

    def _write(
        self, result: Transcript | Translation | Speech, stage: str, source: str, target: str, **figures: int | None
    ) -> None:
        log.info(
            "clause_skipped" if result.skipped else "clause_done",
            stage=stage,
            room_id=result.room_id,
            user_id=result.user_id,
            utterance_id=result.utterance_id,
            clause=result.clause,
            revision=result.revision,
            engine=result.engine,
            pair=f"{source}>{target}",
            **figures,
            **_way(result.times, result.ended_at_ms),
            **_marks(result),
        )

    def _labelled(self, source: str, target: str) -> tuple[str, str]:
        """Name the languages as the engine does, so that there are no more labels than it has languages."""
        known = self._labels.get((source, target))
        if known is not None:
            return known
        condition = self._condition()
        if source and target:
            pair = match_pair(source, target, frozenset(condition.pairs)) or (OTHER, OTHER)
        else:
            language = match(source or target, condition.languages) or OTHER
            pair = (language, "") if source else ("", language)
        return self._labels.set((source, target), pair)


def _since(start: int | None, end: int | None) -> int | None:
    return None if start is None or end is None else end - start


def _way(times: Times, ended_at_ms: int) -> dict[str, int]:
    """Give the stages' outputs so far, in ms since the end of the clause's sound."""
    outs = {
        "recognised_ms": times.recognition_out_ms,
        "translated_ms": times.translation_out_ms,
        "spoken_ms": times.synthesis_out_ms,
    }
    return {name: out - ended_at_ms for name, out in outs.items() if out is not None and ended_at_ms}


def _marks(result: Transcript | Translation | Speech) -> dict[str, object]:
    """Give what is out of the ordinary."""
    marks = {"speculative": result.speculative, "last": result.last}
    named: dict[str, object] = {name: True for name, is_set in marks.items() if is_set}
    if result.skipped:
        named["reason"] = result.reason
    if result.purpose != "live":
        named["purpose"] = result.purpose
    return named
