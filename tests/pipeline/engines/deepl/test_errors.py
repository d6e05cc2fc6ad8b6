"""What the `deepl` package's errors mean."""

import deepl
import pytest
import requests

from pipeline.engines.deepl.errors import engine_error
from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    RequestRefusedError,
    UnsupportedLanguageError,
)


def broken(cause: Exception) -> deepl.ConnectionException:
    error = deepl.ConnectionException("it broke")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "meaning", "retriable"),
    [
        (deepl.AuthorizationException("secret"), EngineRefusedError, False),
        (deepl.QuotaExceededException("secret"), EngineRefusedError, False),
        (deepl.TooManyRequestsException("secret"), EngineBusyError, True),
        (broken(requests.exceptions.ReadTimeout()), EngineTimeoutError, True),
        (broken(requests.exceptions.ConnectionError()), EngineError, True),
        (deepl.DeepLException("secret", http_status_code=500), EngineError, True),
        (deepl.DeepLException("secret", http_status_code=400), RequestRefusedError, False),
        (
            deepl.DeepLException("Value for 'target_lang' not supported.", http_status_code=400),
            UnsupportedLanguageError,
            False,
        ),
        (deepl.DocumentNotReadyException("secret"), EngineError, True),
        (IndexError("secret"), EngineError, True),
    ],
)
def test_each_has_its_class(error: Exception, meaning: type[EngineError], retriable: bool) -> None:
    """And says nothing of what it quoted."""
    ours = engine_error(error, "deepl.example")
    assert type(ours) is meaning
    assert ours.retriable == retriable
    assert "secret" not in str(ours)


def test_the_wait_is_passed_on() -> None:
    """In seconds."""
    error = engine_error(deepl.TooManyRequestsException("x"), "deepl.example", 4.5)
    assert isinstance(error, EngineBusyError)
    assert error.retry_after_s == 4.5
