"""What aiohttp logs of its connections, without what clients can make it say."""

import logging

from aiohttp.http import HttpProcessingError
from aiohttp.web import RequestPayloadError


class MalformedRequests(logging.Filter):
    """Makes a request that is not HTTP, or whose body is not as announced, one WARNING with the error's class.

    aiohttp writes an ERROR with a traceback, the address and what was sent: anybody could fill the log with it.
    Everything else passes as it is.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record if it is of that kind. Always true."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | RequestPayloadError):
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.msg, record.args = "malformed_request error=%s", (type(error).__name__,)
            record.exc_info = record.exc_text = None
        return True


SERVER_LOG = logging.getLogger("aiohttp.server.door")
"""For aiohttp in the place of its own `aiohttp.server`, which other applications of the process may use."""

SERVER_LOG.addFilter(MalformedRequests())
