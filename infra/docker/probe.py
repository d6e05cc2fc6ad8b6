#!/usr/bin/python3 -IS
"""`probe URL`: whether a process answers there with a 2xx. For health checks in images that have no curl.

Exit codes: 0 it does, 1 it does not (why is on standard error), 2 wrong usage. Only the standard library, and little
of it: this runs every few seconds.
"""

import http.client
import sys
from urllib.parse import urlsplit

TIMEOUT_S = 3.0
"""For connecting, and for each read."""


def why_not(url: str) -> str:
    """Ask once; give what is wrong, or nothing if all is well."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", where.path or "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{url}: {error or type(error).__name__}"
    finally:
        connection.close()
    return "" if 200 <= status < 300 else f"{url}: status {status}"


def main(arguments: list[str]) -> int:
    """Probe the one URL that is given."""
    if len(arguments) != 1 or urlsplit(arguments[0]).scheme != "http":
        sys.stderr.write("usage: probe http://HOST:PORT/PATH\n")
        return 2
    problem = why_not(arguments[0])
    if problem:
        sys.stderr.write(f"{problem}\n")
    return int(bool(problem))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
