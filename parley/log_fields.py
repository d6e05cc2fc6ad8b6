"""What a field may say in the log: one line, no control characters, and of ids as much as was set."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Literal

from structlog.typing import EventDict, Processor, WrappedLogger

IdForm = Literal["full", "short", "hashed"]

LONGEST_ID = 160
"""Characters of an id in the log: one of 64 for a room or a person, and what utterances and nodes add to it."""
LONGEST_TEXT = 2_000
"""Characters of any other field."""

# Control, formatting (bidirectional overrides among them), surrogates, private use, unassigned, line and paragraph
# separators: what ends a line, hides or reorders what follows, or is nothing that anybody could read.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_INSTEAD = "?"
# Characters of an id that is not longer are shown by `short` too: nothing would be saved.
_SHORT = 12
_HASH_BYTES = 6

# Ids that this system makes up for its own parts: an operator must be able to find those.
_OWN = frozenset({"instance_id", "worker_id", "node_id", "process_id"})
# Of several lines by their nature.
_TRACES = frozenset({"exception", "stack"})

_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)"
    r"|(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f:]{3,39}(?![\w:]))"
)


def sanitize_for_log(text: str, form: IdForm = "full", key: bytes = b"") -> str:
    """Give an id as it may stand in the log.

    Args:
        text: any string: whoever connects may have chosen it.
        form: `full`, `short` (the first and the last four characters) or `hashed` (twelve hexadecimal digits of
            BLAKE2b, the same for the same id in every process with the same key).
        key: without one, whoever can guess an id can find it by its hash. At most 64 bytes count.
    """
    if form == "hashed":
        digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=_HASH_BYTES, key=key[:64])
        return f"#{digest.hexdigest()}"
    clean = one_line(text, LONGEST_ID)
    if form == "short" and len(clean) > _SHORT:
        return f"{clean[:4]}..{clean[-4:]}"
    return clean


def one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Give a text without what is not printable, on one line, cut to so many characters."""
    cut = text if len(text) <= longest else f"{text[: longest - 3]}..."
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_INSTEAD if unicodedata.category(c) in _UNPRINTABLE else c for c in cut)


def trace_lines(text: str) -> str:
    """Give a traceback without what is not printable, line ends apart, and without anybody's address."""
    return _ADDRESS.sub("(address)", "\n".join(one_line(line) for line in text.split("\n")))


def is_id(name: str) -> bool:
    """Whether a field of this name holds an id, or several, of what comes from outside."""
    return name.endswith(("_id", "_ids")) and name not in _OWN


def sanitizing(form: IdForm, key: bytes = b"") -> Processor:
    """Make the processor through which every field goes, those of libraries included."""

    def sanitize(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            event[name] = trace_lines(value) if name in _TRACES and isinstance(value, str) else field(name, value)
        return event

    def field(name: str, value: Any) -> Any:
        if is_id(name):
            return _each(value, lambda text: sanitize_for_log(text, form, key))
        return _each(value, one_line, field)

    return sanitize


def _each(value: Any, change: Callable[[str], str], field: Callable[[str, Any], Any] | None = None) -> Any:
    """Change every string in a value; fields of a mapping by their own names, if `field` says how."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {
            one_line(str(name)): field(str(name), inner) if field else _each(inner, change)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_each(inner, change, field) for inner in value]
    return value
