"""Doing several things at once, and leaving none of them half done."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

Result = TypeVar("Result")


async def all_of(things: Iterable[Awaitable[Result]]) -> list[Result]:
    """Wait for all of them to end, and only then raise the first error, if there was one. Cancelling cancels all."""
    outcomes = await asyncio.gather(*things, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
