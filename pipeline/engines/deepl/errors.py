"""What the `deepl` package's errors mean to us.

Its classes: github.com/DeepLcom/deepl-python, deepl/exceptions.py. DeepL's statuses:
developers.deepl.com/docs/best-practices/error-handling.
"""

import deepl
import requests

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    UnsupportedLanguageError,
)
from pipeline.engines.http.status import error_of_status

# What DeepL says where a language is the trouble: "Value for 'target_lang' not supported."
_LANGUAGE = ("'target_lang' not supported", "'source_lang' not supported")


def engine_error(error: Exception, host: str, retry_after_s: float = 0.0) -> EngineError:
    """Say what an error of the package means. Nothing of its message is repeated: it may quote key or speech.

    Args:
        error: what the package raised.
        host: who was asked.
        retry_after_s: seconds that the answer's Retry-After asked for; the package does not pass it on.
    """
    if isinstance(error, deepl.AuthorizationException):
        return EngineRefusedError(f"{host} does not take the key", "set the right engines.deepl.api_key")
    if isinstance(error, deepl.QuotaExceededException):
        return EngineRefusedError(f"the quota at {host} is used up", "raise it, or use another engine")
    if isinstance(error, deepl.TooManyRequestsException):
        return EngineBusyError(f"{host} was asked too often", retry_after_s)
    if isinstance(error, deepl.ConnectionException):
        late = isinstance(error.__cause__, requests.exceptions.Timeout)
        return EngineTimeoutError(f"{host} did not answer in time") if late else EngineError(f"no connection to {host}")
    if isinstance(error, deepl.DeepLException) and error.http_status_code:
        if error.http_status_code == 400 and any(said in str(error) for said in _LANGUAGE):
            return UnsupportedLanguageError(f"{host} does not have this pair")
        told = {"Retry-After": str(retry_after_s)} if retry_after_s else {}
        return error_of_status(host, int(error.http_status_code), told)
    # The package takes an answer apart without looking: an IndexError, a TypeError ...
    return EngineError(f"{host} answered something that is no translation ({type(error).__name__})")
