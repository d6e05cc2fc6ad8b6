"""Every call of a logger: an event that stands in the source, and fields that cannot hold what nobody should read."""

import ast
import re
from collections.abc import Iterator

from tests.support.source_tree import PACKAGES, Source, sources

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z][a-z0-9_]*")

# Names of fields under which speech, text, names, addresses and what opens doors would be found.
FORBIDDEN = {
    "address",
    "audio",
    "candidate",
    "caption",
    "clause_text",
    "credential",
    "display_name",
    "headers",
    "ip",
    "key",
    "name",
    "password",
    "payload",
    "pcm",
    "peername",
    "query",
    "remote",
    "sdp",
    "secret",
    "source_text",
    "speech",
    "text",
    "token",
    "words",
}


# Fields that are made of two language tags, which are normalised: `en>es`.
MAY_BE_MADE = {"pair"}
# Where a function logs one of several events that its callers, in the same file, name.
NAMED_BY_CALLERS = {"pipeline/engines/engines.py"}


def calls(source: Source) -> Iterator[ast.Call]:
    """Give the calls of a logger: of something that is called log, or ends so."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            logger = node.func.value
            name = logger.attr if isinstance(logger, ast.Attribute) else getattr(logger, "id", "")
            if name.lower().endswith("log"):
                yield node


def events(node: ast.expr) -> list[object]:
    """Give what an event may be; one that is chosen is one of two."""
    if isinstance(node, ast.IfExp):
        return events(node.body) + events(node.orelse)
    return [node.value if isinstance(node, ast.Constant) else None]


def makes_text(call: ast.Call) -> bool:
    """Whether a call makes a text before it is known whether anybody wants to read it, and past the sanitising."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in MAY_BE_MADE)]
    for node in (node for each in given for node in ast.walk(each)):
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "format":
            return True
    return False


def found(what: str, source: Source, call: ast.Call) -> str:
    return f"{source.path}:{call.lineno} {what}"


def test_there_are_calls_to_look_at() -> None:
    """They are found by the name of the logger."""
    assert sum(1 for source in sources(*PACKAGES) for _ in calls(source)) > 60


def test_an_event_is_a_word_of_the_source() -> None:
    """It can be searched for, and nobody outside has a part in it; what changes is in fields."""
    wrong = [
        found("has another event than one or two words in snake_case", source, call)
        for source in sources(*PACKAGES)
        for call in calls(source)
        if str(source.path) not in NAMED_BY_CALLERS
        if len(call.args) != 1 or not all(isinstance(e, str) and EVENT.fullmatch(e) for e in events(call.args[0]))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_call_makes_text() -> None:
    """Fields are given as they are: what is not told costs nothing, and every field is sanitised by its name."""
    wrong = [
        found("formats", source, call) for source in sources(*PACKAGES) for call in calls(source) if makes_text(call)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_field_is_for_what_nobody_should_read() -> None:
    """Speech, text, names of people, addresses, and what opens doors."""
    wrong = [
        found(f"has a field called {keyword.arg}", source, call)
        for source in sources(*PACKAGES)
        for call in calls(source)
        for keyword in call.keywords
        if keyword.arg in FORBIDDEN
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_logged_but_by_structlog() -> None:
    """The standard library's loggers are for libraries; print is for the command line."""
    wrong = [
        f"{source.path}:{node.lineno} prints"
        for source in sources("signaling", "media_server", "pipeline")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not wrong, "\n".join(wrong)
