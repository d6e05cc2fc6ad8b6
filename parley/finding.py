"""What one look at this machine found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "missing"]


@dataclass(frozen=True)
class Finding:
    """One line of `parley doctor`. `warn`: Parley runs, with less; `missing`: it needs this to do its work."""

    name: str
    state: State
    detail: str
    # What to do about it; empty if nothing needs doing.
    remedy: str = ""
