"""Histograms of what the ledger knows."""

from prometheus_client import Histogram

from media_server.figures import UtteranceFigures
from pipeline.messages.language import spoken

_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
STAGE = Histogram(
    "parley_utterance_stage_seconds", "What a stage added to an utterance's last clause.", ["stage"], buckets=_SECONDS
)
VOICE = Histogram(
    "parley_voice_latency_seconds",
    "From the end of speech to the first packet of its last clause's voice.",
    ["source", "target"],
    buckets=_SECONDS,
)
PIPELINE = Histogram(
    "parley_pipeline_seconds",
    "From a clause's last sound, on its way to audio.raw, to its voice's first record from audio.synthesized.",
    ["source", "target"],
    buckets=_SECONDS,
)
MOUTH_TO_EAR = Histogram(
    "parley_mouth_to_ear_seconds",
    "From the end of a clause's sound at the node to its voice beginning to sound at a listener, as their page says.",
    ["source", "target"],
    buckets=_SECONDS,
)


def observe(figures: UtteranceFigures) -> None:
    """Feed the histograms; a stage that was ahead of the end of speech counts as 0."""
    start = figures.speech_ended_at_ms
    _observe_stage("ending", start, figures.ended_at_ms)
    _observe_stage("recognition", start, figures.recognised_at_ms)
    for voice in figures.voices:
        last = voice.clauses[-1] if voice.clauses else None
        # Only the times of the clause with the last words have to do with the end of the speech.
        if start is None or last is None or last.clause != figures.last_clause:
            continue
        _observe_stage("translation", last.recognised_at_ms, last.translated_at_ms)
        _observe_stage("synthesis", last.translated_at_ms, last.synthesised_at_ms)
        _observe_stage("return", last.synthesised_at_ms, last.arrived_at_ms)
        _observe_stage("playout", last.arrived_at_ms or last.synthesised_at_ms, last.first_packet_at_ms)
        latency_s = max(0, last.first_packet_at_ms - start) / 1_000
        VOICE.labels(spoken(figures.language), spoken(voice.language)).observe(latency_s)


def _observe_stage(stage: str, start: int | None, end: int | None) -> None:
    if start is not None and end is not None:
        STAGE.labels(stage).observe(max(0, end - start) / 1_000)
