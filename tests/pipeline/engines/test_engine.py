"""What an engine's errors say."""

from pipeline.engines.engine import (
    EngineBusyError,
    EngineCrashedError,
    EngineUnavailableError,
    UnsupportedLanguageError,
)


def test_unavailability_comes_with_its_remedy() -> None:
    """Whoever reads the error learns what to do."""
    error = EngineUnavailableError("the program 'x' is not installed", "apt-get install x")
    assert str(error) == "the program 'x' is not installed: apt-get install x"


def test_only_what_may_pass_by_itself_is_worth_a_retry() -> None:
    """A crash or a crowd passes; a missing program or an unknown language does not."""
    assert EngineCrashedError.retriable
    assert EngineBusyError.retriable
    assert not EngineUnavailableError.retriable
    assert not UnsupportedLanguageError.retriable
