"""The metrics that the code registers, read from its source: their names as Prometheus sees them, and their labels."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.support.source_tree import PACKAGES, sources

_SUFFIXES = {
    "Counter": ("_total", "_created"),
    "Gauge": ("",),
    "Histogram": ("_bucket", "_sum", "_count", "_created"),
    "Info": ("_info",),
    "CounterMetricFamily": ("_total",),
    "GaugeMetricFamily": ("",),
    "Summary": ("", "_sum", "_count", "_created"),
}


@cache
def metrics() -> dict[str, frozenset[str]]:
    """Give the labels of every series, by its name (those of a target, `job` and `instance`, not among them)."""
    found = {}
    for kind, name, labels in _calls():
        stem = name.removesuffix("_total") if kind.startswith("Counter") else name
        for suffix in _SUFFIXES[kind]:
            found[stem + suffix] = labels | {"le"} if suffix == "_bucket" else labels
    return found


def names() -> list[str]:
    """Give every metric's name, as often as it is registered."""
    return [name.removesuffix("_total") if kind.startswith("Counter") else name for kind, name, _ in _calls()]


@cache
def _calls() -> tuple[tuple[str, str, frozenset[str]], ...]:
    return tuple(_found())


def _found() -> Iterator[tuple[str, str, frozenset[str]]]:
    for source in sources(*PACKAGES):
        kinds = set(_imported(source.tree))
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                yield node.func.id, _text(node.args[0]), frozenset(_labels(node))


def _imported(tree: ast.AST) -> Iterator[str]:
    """Give the kinds of metrics that a module has from Prometheus's client: `collections` has a Counter as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prometheus_client"):
            yield from (alias.name for alias in node.names if alias.name in _SUFFIXES)


def _labels(call: ast.Call) -> Iterator[str]:
    given = [*call.args[2:3], *(each.value for each in call.keywords if each.arg in ("labelnames", "labels"))]
    for each in given:
        assert isinstance(each, ast.List | ast.Tuple), ast.dump(each)
        yield from map(_text, each.elts)


def _text(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), ast.dump(node)
    assert isinstance(node.value, str)
    return node.value
