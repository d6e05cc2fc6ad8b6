"""How errors cross between processes."""

import pytest

from pipeline.engines.engine import EngineBusyError, EngineError, EngineUnavailableError, UnsupportedLanguageError
from pipeline.engines.failure import error_of, failure
from pipeline.engines.frames import Failed


@pytest.mark.parametrize(
    "error",
    [
        EngineError("no"),
        EngineBusyError("full"),
        UnsupportedLanguageError("xx"),
        EngineUnavailableError("gone", "get it"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_stays_what_it_is(error: EngineError) -> None:
    """Its class, and so whether a retry is worth it, and its words arrive."""
    arrived = error_of(failure(7, error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)


def test_an_engines_own_error_arrives_as_its_nearest_kin() -> None:
    """What only one engine knows becomes what everybody knows."""

    class FullMoonError(EngineBusyError):
        pass

    assert type(error_of(failure(7, FullMoonError("wait a day")))) is EngineBusyError


def test_an_unknown_name_is_an_engine_error() -> None:
    """Nothing but an engine's error comes out."""
    assert type(error_of(Failed(id=1, error="SystemExit", arguments=("0",)))) is EngineError
