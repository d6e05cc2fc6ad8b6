"""Settings in force, written as the TOML file that would bring them about, with where each came from."""

import json
from collections.abc import Iterable
from typing import Any

from parley.setting import HIDDEN
from parley.settings import DEFAULT, Row


def render(rows: Iterable[Row]) -> str:
    """Write a table for each section. What a file cannot hold (nothing, or a hidden secret) is a comment."""
    # A section may go on behind one that is part of it, but its table can be opened only once.
    tables: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        *section, key = row.setting.path
        tables.setdefault(tuple(section), []).append(_line(key, row))
    return "\n\n".join("\n".join([f"[{'.'.join(section)}]", *lines]) for section, lines in tables.items())


def _line(key: str, row: Row) -> str:
    shown = row.setting.show(row.value)
    origin = "" if row.origin == DEFAULT else f"  # from {row.origin}"
    if shown is None or HIDDEN in json.dumps(shown, default=str):
        return f"# {key} = {'nothing' if shown is None else shown}{origin}"
    return f"{key} = {_toml(shown)}{origin}"


def as_json(rows: Iterable[Row]) -> dict[str, Any]:
    """Give each setting's value and origin by its name."""
    return {row.setting.name: {"value": row.setting.show(row.value), "from": row.origin} for row in rows}


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    # TOML's strings, numbers and truth values are written as JSON's.
    return json.dumps(value, ensure_ascii=False)
