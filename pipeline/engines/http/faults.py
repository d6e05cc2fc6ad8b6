"""What goes wrong on the way to a provider and back, as an engine's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from pipeline.engines.engine import EngineError, EngineTimeoutError, EngineUnavailableError
from pipeline.engines.http.status import error_of_status


@contextmanager
def engine_errors(host: str) -> Iterator[None]:
    """Turn aiohttp's errors, the system's and TimeoutError into an `EngineError`.

    Their own messages are not repeated: some hold the whole URL, and a garbled answer is quoted in others.
    """
    try:
        yield
    except aiohttp.WSServerHandshakeError as error:
        raise error_of_status(host, error.status, error.headers or {}) from None
    except aiohttp.ClientConnectorCertificateError:
        remedy = "check base_url, or add its authority to the system's certificates"
        raise EngineUnavailableError(f"the certificate of {host} is not trusted", remedy) from None
    except TimeoutError:
        raise EngineTimeoutError(f"{host} did not answer in time") from None
    except (aiohttp.ClientError, OSError) as error:
        raise EngineError(f"the connection to {host} failed ({type(error).__name__})") from None
