"""Logs: one line an event on standard error, ids as fields, nothing that opens a door.

What appears at each level (the packages' READMEs name their events):
- error: something failed for good and a person should look; with its traceback
- warning: something is missing or was given up, and Parley goes on without it
- info: one line when something opens (process, room, participant, engine) and one when it closes; one per utterance
- debug: steps in between
Speech, texts, names and addresses of people never appear; ids only by way of `sanitize_for_log`, since whoever connects
may have chosen them (log_fields.py; the setting `log.ids`). No line above debug is written per packet or frame. What is
not to be told at the level set costs a call that returns at once: nothing is formatted.
"""

import logging
import re
import sys
import textwrap
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from prometheus_client import Counter
from structlog.typing import EventDict, Processor, WrappedLogger

from parley.log_fields import sanitize_for_log, sanitizing
from parley.settings import LogSettings

__all__ = ["ERRORS", "WARNINGS", "configure", "errors", "redact", "render_text", "sanitize_for_log"]

LINES = Counter("parley_log_lines", "Warnings and errors that were logged, those of libraries included", ["level"])
ERRORS, WARNINGS = LINES.labels("error"), LINES.labels("warning")

REDACTED = "(hidden)"
_QUERY = re.compile(r"(?i)\b((?:[a-z]+_)?(?:token|secret|password|api_key|key|credential|jwt))=[^&\s\"'<>;,)]+")
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_PLAIN = re.compile(r"[^\s\"=]+")
_INDENT = "    "

# Libraries that tell at info what is of no use to whoever runs Parley.
_TALKATIVE = ("aioice", "aiortc", "faster_whisper", "httpx", "asyncio")


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send the logs of this process, those of libraries included, to standard error or another stream.

    Calling it again replaces what was configured before.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
        sanitizing(settings.ids, settings.id_key.encode()),
    ]
    level = logging.getLevelName(settings.level.upper())
    # Not cached: what a module bound at its import follows a later change.
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        # Its methods below the level do nothing at all.
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    render: Processor = structlog.processors.JSONRenderer() if settings.format == "json" else render_text
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler, _Counting(logging.WARNING)]
    root.setLevel(settings.level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(
            max(logging.WARNING, root.level) if root.level > logging.DEBUG else logging.INFO
        )


class _Counting(logging.Handler):
    """Counts what is logged, and writes nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        (ERRORS if record.levelno >= logging.ERROR else WARNINGS).inc()


def errors() -> int:
    """Say how many errors this process has logged since `configure`."""
    return int(ERRORS._value.get())


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what could open a door: tokens in query strings, and tokens wherever they stand."""
    for key, value in event.items():
        event[key] = _redacted(value)
    return event


def render_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Write an event for people: time, level, event, then key=value, then a traceback on lines of its own.

    Those are indented, so that nothing in an error's words can pass for a line of the log.
    """
    fields: MutableMapping[str, Any] = dict(event)
    time, level, name = fields.pop("timestamp", ""), fields.pop("level", ""), fields.pop("event", "")
    trace = fields.pop("exception", None) or fields.pop("stack", None)
    words = [str(time), f"{level:7}", str(name), *(f"{key}={_written(value)}" for key, value in fields.items())]
    return " ".join(words) + (f"\n{textwrap.indent(str(trace), _INDENT)}" if trace else "")


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return _JWT.sub(REDACTED, _QUERY.sub(rf"\1={REDACTED}", value))
    if isinstance(value, Mapping):
        return {key: _redacted(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner) for inner in value]
    return value


def _written(value: Any) -> str:
    if isinstance(value, float):
        value = f"{value:.3f}"
    elif isinstance(value, list | tuple | set | frozenset):
        value = ",".join(map(str, value))
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
