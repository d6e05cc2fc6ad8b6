"""Long lists, a page at a time: in the order of their ids, each page after the last id of the one before."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from signaling.rest.values import require_ids

MOST = 200
"""Entries of one page."""


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of a list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST, description="How many at most")] = 50
    after: Annotated[
        str,
        msgspec.Meta(
            pattern="^[A-Za-z0-9_-]{0,64}$", max_length=64, description="`next` of the page before; empty: the first"
        ),
    ] = ""

    def __post_init__(self) -> None:
        if self.after:
            require_ids(self.after)


def page_of(ids: Iterable[str], query: PageQuery) -> tuple[list[str], str | None]:
    """Give the ids on a page, and what `after` is for the next one; None if there is none.

    What comes and goes meanwhile may be missed, but nothing is there twice.
    """
    rest = sorted(each for each in set(ids) if each > query.after)
    page = rest[: query.limit]
    return page, page[-1] if len(rest) > query.limit else None
