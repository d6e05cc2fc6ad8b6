"""Settings in force, written as the TOML file that would bring them about, with where each came from."""

import json
from collections.abc import Iterable
from typing import Any

from parley.setting import HIDDEN
from parley.settings import DEFAULT, Row


def render(rows: Iterable[Row]) -> str:
    """Write a table for each section. What a file cannot hold (nothing, or a hidden secret) is a comment."""
    lines: list[str] = []
    section: tuple[str, ...] = ()
    for row in rows:
        *table, key = row.setting.path
        if tuple(table) != section:
            section = tuple(table)
            lines += ["", f"[{'.'.join(section)}]"] if lines else [f"[{'.'.join(section)}]"]
        shown = row.setting.show(row.value)
        origin = "" if row.origin == DEFAULT else f"  # from {row.origin}"
        if shown is None or HIDDEN in json.dumps(shown, default=str):
            lines.append(f"# {key} = {'nothing' if shown is None else shown}{origin}")
        else:
            lines.append(f"{key} = {_toml(shown)}{origin}")
    return "\n".join(lines)


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
