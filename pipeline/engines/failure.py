"""How an engine's error crosses from its process to the one that asked."""

from pipeline.engines import engine
from pipeline.engines.engine import EngineError
from pipeline.engines.frames import Failed

ERRORS: dict[str, type[EngineError]] = {
    error.__name__: error
    for error in vars(engine).values()
    if isinstance(error, type) and issubclass(error, EngineError)
}
"""The errors that every engine may raise. An engine's own one arrives as the nearest of these that it is one of."""


def failure(id_: int, error: EngineError) -> Failed:
    """Write an error down."""
    known = next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ in ERRORS)
    return Failed(id=id_, error=known, arguments=tuple(str(argument) for argument in error.args))


def error_of(failed: Failed) -> EngineError:
    """Read it again."""
    return ERRORS.get(failed.error, EngineError)(*failed.arguments)
