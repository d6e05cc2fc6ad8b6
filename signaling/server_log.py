"""What aiohttp logs of its connections, without what clients can make it say."""

import logging

from aiohttp.http import HttpProcessingError
from aiohttp.web import RequestPayloadError
from prometheus_client import Counter

from signaling.rate import Rate

MALFORMED = Counter("parley_signaling_malformed_total", "Requests that could not be read")

# Lines about malformed requests: sustained a second, and at once. More are only counted.
_LINES_PER_S = 1.0
_LINES_BURST = 20

# As aiohttp begins its line about a request that failed; the client's address follows.
_FAILED = "Error handling request"


class MalformedRequests(logging.Filter):
    """Makes a request that is not HTTP, or whose body is not as announced, one WARNING with the error's class.

    aiohttp writes an ERROR with a traceback, the address and what was sent: anybody could fill the log with it. A fault
    of ours stays an error with its traceback, and loses the address. Everything else passes as it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rate = Rate(_LINES_PER_S, _LINES_BURST)

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record if it is of one of these kinds. False only if there were too many malformed ones lately."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | RequestPayloadError):
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.msg, record.args = "malformed_request error=%s", (type(error).__name__,)
            record.exc_info = record.exc_text = None
            MALFORMED.inc()
            return self._rate.allows()
        if str(record.msg).startswith(_FAILED):
            record.msg, record.args = "request_failed", ()
        return True


class ClientWords(logging.Filter):
    """Drops aiohttp's warning of subprotocols that nobody here speaks: it is the client's address and words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record may be written."""
        return "rotocols" not in str(record.msg)


SERVER_LOG = logging.getLogger("aiohttp.server.door")
"""For aiohttp in the place of its own `aiohttp.server`, which other applications of the process may use."""

MALFORMED_REQUESTS = MalformedRequests()
SERVER_LOG.addFilter(MALFORMED_REQUESTS)
logging.getLogger("aiohttp.websocket").addFilter(ClientWords())
