"""What of an engine's abilities is not done by the best one now."""

from collections.abc import Mapping
from typing import Any


def fallen(engine: object) -> Mapping[Any, int]:
    """Give, of an engine that is made of chains, the languages or pairs that are not done by the first of their chain.

    And the place of the one that does each. Of any other engine there are none.
    """
    known: Mapping[Any, int] = getattr(engine, "fallen", {})
    return known
