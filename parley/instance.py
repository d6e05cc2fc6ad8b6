"""Which process this is, among all that work together: the same after a restart, another one for every process."""

import re
import socket

from parley.settings import ProcessSettings

LONGEST = 100
"""Characters of the host's name that are used."""


def instance_id(kind: str, settings: ProcessSettings) -> str:
    """Name this process: what it is, its host and its slot there, as in `stt-rack4-0`.

    Made of letters, digits, dots, underscores and dashes only, so that it can be a member's id in Kafka.
    """
    host = settings.host_name or re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:LONGEST] or "host"
    return f"{kind}-{host}-{settings.slot}"
