"""What a worker counts and measures. Labels are few: stages, engines, reasons, error classes, an engine's languages."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)

STAGE_SECONDS = Histogram(
    "parley_pipeline_stage_seconds",
    "From taking a record to giving out a clause that came of it; at synthesis its first packets.",
    # The languages as the engine names them; `source` is empty at synthesis, `target` at recognition.
    ["stage", "engine", "source", "target"],
    buckets=_SECONDS,
)
AGE_SECONDS = Histogram(
    "parley_pipeline_age_seconds",
    "From the end of a clause's sound to a stage having given it out; at synthesis its first packets.",
    ["stage"],
    buckets=_SECONDS,
)
RECORDS = Counter("parley_pipeline_records", "Records that a worker went through.", ["stage", "outcome"])
RETRIES = Counter("parley_pipeline_retries", "Tries of a record after the first.", ["stage"])
DROPS = Counter(
    "parley_pipeline_drops",
    "Results that were given up with a tombstone. late: too old to be worth the work; failed: there is a dead letter; "
    "busy: too many at once; unserved: no engine for the language; unanswered: no answer in time.",
    ["stage", "reason"],
)
LETTERS = Counter("parley_pipeline_dead_letters", "Dead letters written.", ["stage", "error"])
WAITING = Gauge("parley_pipeline_waiting_records", "Records that wait in a worker.", ["stage"])
IN_FLIGHT = Gauge("parley_pipeline_in_flight_records", "Records that a worker is working on.", ["stage"])
LAG = Gauge(
    "parley_pipeline_lag_records", "Records published and not yet taken by the worker they are due to.", ["stage"]
)
LAST_RECORD = Gauge("parley_pipeline_last_record_timestamp_seconds", "When a worker last took a record.", ["stage"])
OUTAGES = Counter("parley_pipeline_bus_outages", "Times that a worker had to wait for the bus to come back.", ["stage"])
