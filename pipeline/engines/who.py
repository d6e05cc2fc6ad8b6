"""Which engine it is that does something."""

from collections.abc import Callable

from pipeline.engines.engine import EngineError


def who(engine: object, ability: str | tuple[str, str], name: str = "") -> str:
    """Name the engine that does a language or a pair now, of one that is made of several; else give its own `name`.

    Where the first of a chain fails once, the next one answers that request, and the first still counts as the one
    that does it: `parley_engine_served_total` is exact about each request.
    """
    serving: Callable[[str | tuple[str, str]], str] | None = getattr(engine, "serving", None)
    try:
        return name if serving is None else serving(ability)
    except EngineError:  # none does it any more
        return name
