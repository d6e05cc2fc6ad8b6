"""What a provider's answer means when it is not the one that was asked for."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestRefusedError,
    RequestTooLargeError,
)
from pipeline.engines.http.retry_after import retry_after_s

REMEDIES = {
    401: "set the right api_key",
    402: "there is no credit left: add some, or use another engine",
    403: "the key may not do this: check what its account allows, and the model",
    404: "check base_url, and the name of the model",
    # DeepL's "quota exceeded".
    456: "the quota is used up: raise it, or use another engine",
}
"""By status: what nobody but the operator can mend, and how."""

# 529 is "overloaded" at several providers.
BUSY = (429, 503, 529)
LATE = (408, 504)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,63}")
_CODE_FIELDS = ("code", "err_code", "type", "error_code")


def error_of_status(host: str, status: int, headers: Mapping[str, str], body: bytes = b"") -> EngineError:
    """Say what a status above 299 means. Of the body only its short code is repeated: its text may quote key or speech.

    Args:
        host: who answered.
        status: HTTP's.
        headers: of the answer; Retry-After is looked at.
        body: as much of the answer as was read.
    """
    code = error_code(body)
    why = f"{host} answered {status} ({code})" if code else f"{host} answered {status}"
    if 300 <= status < 400:
        return EngineUnavailableError(f"{why}, a redirection", "set base_url to where it redirects to")
    if status == 429 and "quota" in code.lower():
        return EngineRefusedError(why, REMEDIES[402])
    if status in REMEDIES:
        return EngineRefusedError(why, REMEDIES[status])
    if status in BUSY:
        return EngineBusyError(why, retry_after_s(headers.get("Retry-After")))
    if status in LATE:
        return EngineTimeoutError(why)
    if status == 413:
        return RequestTooLargeError(why)
    if 400 <= status < 500:
        return RequestRefusedError(why)
    return EngineError(why)


def error_code(body: bytes) -> str:
    """Find the short code in a JSON error, as providers write it: at the top, or within `error`. Empty if none."""
    try:
        told: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if isinstance(told, dict) and isinstance(told.get("error"), dict):
        told = told["error"]
    if not isinstance(told, dict):
        return ""
    codes = (told.get(field) for field in _CODE_FIELDS)
    return next((code for code in codes if isinstance(code, str) and _CODE.fullmatch(code)), "")
