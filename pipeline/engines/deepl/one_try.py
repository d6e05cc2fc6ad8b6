"""The `deepl` package's HTTP client, without its patience: one try, within one deadline.

The package tries five times more, waiting up to 120 s between, and a time limit there is one for each piece of an
answer. A clause is worth 3 s, and the chain has another engine.
"""

import threading
import time
from typing import Any

import deepl.http_client
import requests

from pipeline.engines.http.retry_after import retry_after_s

MAX_BODY = 4 << 20
"""Bytes of one answer, unpacked; a longer one is an error."""
PIECE = 4096
"""Bytes that are read before the deadline is looked at again."""


class OneTry(deepl.http_client.HttpClient):
    """Takes the place of the package's `HttpClient`; may be used by several threads at once."""

    def __init__(self, *, timeout_s: float, connect_s: float, proxy: str = "", threads: int = 8) -> None:
        """Keep the limits, in seconds: for a whole answer, and for a connection."""
        super().__init__(proxy or None, send_platform_info=False)
        self._timeout_s = timeout_s
        self._connect_s = connect_s
        self._told = threading.local()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=threads, max_retries=0))

    @property
    def retry_after_s(self) -> float:
        """Seconds that the last answer in this thread asked to be left alone."""
        return getattr(self._told, "retry_after_s", 0.0)

    def request_with_backoff(
        self,
        method: str,
        url: str,
        data: dict[str, Any] | None,
        json: dict[str, Any] | None,
        headers: dict[str, str],
        stream: bool = False,  # noqa: ARG002  # of documents only, which we do not send
        **kwargs: Any,
    ) -> tuple[int, str]:
        """Ask once. Gives the status and the answer.

        Raises:
            deepl.ConnectionException: no answer in time, no connection, or one that broke off.
        """
        self._told.retry_after_s = 0.0
        request = self._prepare_request(method, url, data, json, headers, **kwargs)
        limits = (min(self._connect_s, self._timeout_s), self._timeout_s)
        ends = time.monotonic() + self._timeout_s
        try:
            with self._session.send(request, stream=True, timeout=limits, allow_redirects=False) as response:
                self._told.retry_after_s = retry_after_s(response.headers.get("Retry-After"))
                return response.status_code, _read(response, ends).decode(errors="replace")
        except requests.exceptions.RequestException as error:
            late = isinstance(error, requests.exceptions.Timeout) or time.monotonic() >= ends
            cause = requests.exceptions.Timeout() if late else error
            raise deepl.ConnectionException(type(cause).__name__) from cause


def _read(response: requests.Response, ends: float) -> bytes:
    body = bytearray()
    for piece in response.iter_content(PIECE):
        body += piece
        if time.monotonic() >= ends:
            raise requests.exceptions.ReadTimeout
        if len(body) > MAX_BODY:
            raise requests.exceptions.ContentDecodingError("too long")
    return bytes(body)
