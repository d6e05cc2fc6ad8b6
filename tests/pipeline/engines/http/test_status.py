import json

import pytest

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestRefusedError,
    RequestTooLargeError,
)
from pipeline.engines.http.status import error_code, error_of_status


@pytest.mark.parametrize(
    ("status", "kind", "retriable"),
    [
        (301, EngineUnavailableError, False),
        (400, RequestRefusedError, False),
        (401, EngineRefusedError, False),
        (402, EngineRefusedError, False),
        (403, EngineRefusedError, False),
        (404, EngineRefusedError, False),
        (408, EngineTimeoutError, True),
        (413, RequestTooLargeError, False),
        (422, RequestRefusedError, False),
        (429, EngineBusyError, True),
        (456, EngineRefusedError, False),
        (500, EngineError, True),
        (502, EngineError, True),
        (503, EngineBusyError, True),
        (504, EngineTimeoutError, True),
        (529, EngineBusyError, True),
    ],
)
def test_every_status_has_its_error(status: int, kind: type[EngineError], retriable: bool) -> None:
    """Who can mend it decides: nobody needs to, the operator, or whoever asked."""
    error = error_of_status("api.example.com", status, {})
    assert type(error) is kind
    assert error.retriable is retriable
    assert str(status) in str(error)


def test_a_busy_provider_says_for_how_long() -> None:
    """Retry-After travels in the error."""
    error = error_of_status("api.example.com", 429, {"Retry-After": "12"})
    assert isinstance(error, EngineBusyError)
    assert error.retry_after_s == 12


def test_a_used_up_quota_is_not_busy() -> None:
    """OpenAI and Sarvam say both with 429; waiting helps against only one of them."""
    body = json.dumps({"error": {"message": "You exceeded ...", "code": "insufficient_quota"}}).encode()
    assert isinstance(error_of_status("api.example.com", 429, {}, body), EngineRefusedError)


def test_only_the_code_of_an_error_is_repeated() -> None:
    """Its text may quote the key, or what was said."""
    body = json.dumps({"error": {"message": "Incorrect API key: sk-secret", "code": "invalid_api_key"}}).encode()
    assert str(error_of_status("h", 401, {}, body)) == "h answered 401 (invalid_api_key): set the right api_key"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", ""),
        (b"<html>", ""),
        (b"\xff\xfe", ""),
        (b"[1]", ""),
        (b'"text"', ""),
        (b'{"err_code": "INVALID_AUTH", "err_msg": "..."}', "INVALID_AUTH"),
        (b'{"error": {"code": null, "type": "server_error"}}', "server_error"),
        (b'{"error": "just text"}', ""),
        (b'{"code": "so it is said: hello there"}', ""),
        (b'{"code": 17}', ""),
    ],
)
def test_codes_are_found_as_providers_write_them(body: bytes, code: str) -> None:
    """Sentences are no codes."""
    assert error_code(body) == code
