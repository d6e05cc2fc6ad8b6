"""What a process tells of itself beside being alive and ready, the same for a node and a worker: JSON and metrics."""

import importlib.metadata
from collections.abc import Callable, Mapping

from prometheus_client import Gauge, Info

from parley.logs import errors
from pipeline.bus.bus import Bus

INSTANCE = Info("parley_instance", "Which process this is")
RECORD_AGE = Gauge("parley_last_record_age_seconds", "How long ago the bus last brought a record; -1: it never has")


def vitals(
    instance_id: str,
    *,
    bus: Callable[[], Bus | None],
    record_age_s: Callable[[], float | None],
    engines: Callable[[], Mapping[str, str]],
    clients: Callable[[], int] | None = None,
) -> dict[str, Callable[[], object]]:
    """Give the facts for `Health`, and let the metrics follow them.

    Another thing that a process needs, as a Redis, is one line more here.

    Args:
        instance_id: which process this is.
        bus: the bus, None before it is open.
        record_age_s: how long ago a record came, in seconds; None if none has.
        engines: the engines that are loaded, by stage; a stage that is not there yet is left out.
        clients: how many sockets are open; None where there are no clients.
    """

    def reached() -> bool:
        opened = bus()
        return opened is not None and opened.up

    def age_s() -> float | None:
        age = record_age_s()
        return None if age is None else round(age, 1)

    INSTANCE.info({"instance_id": instance_id, "version": importlib.metadata.version("parley")})
    RECORD_AGE.set_function(lambda: -1.0 if (age := age_s()) is None else age)
    facts: dict[str, Callable[[], object]] = {
        "instance_id": lambda: instance_id,
        "engines": lambda: dict(engines()),
        "broker_reached": reached,
        "last_record_age_s": age_s,
        "errors": errors,
    }
    return facts if clients is None else {**facts, "clients": clients}
