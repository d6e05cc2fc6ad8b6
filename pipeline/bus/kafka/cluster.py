"""What every client of a Kafka cluster is made with: addresses, security, time limits."""

import logging
import ssl
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from pipeline.bus.bus import BusUnavailableError
from pipeline.bus.kafka.assignor import KeepingAssignor
from pipeline.bus.topics import MIB
from pipeline.settings import KafkaSettings

# aiokafka complains ten times a second while a broker is away, and shows keys, values and users at its lower levels.
# What matters is told by the bus (`broker_lost`, `broker_back` and so on), so it is silent in every program.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

# Milliseconds that a broker holds back an answer while there is nothing new. It ends at the first record; only a
# partition that was left out of the question, because records of it were still being read, waits for the next one.
FETCH_WAIT_MS = 100
# What is taken of one partition at a time, at most, a single record apart.
FETCH_BYTES = 256 * 1024
# The largest record that is ever written.
LARGEST = 2 * MIB


class KafkaCluster:
    """Makes clients of the cluster that the settings describe. They connect when they are started."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Read the certificates.

        Raises:
            BusUnavailableError: no brokers are named, or a certificate cannot be read.
        """
        if not settings.bootstrap_servers:
            raise BusUnavailableError("no Kafka brokers are named", "set bus_url, as in kafka://localhost:9092")
        self._settings = settings
        self.security: dict[str, Any] = {
            "security_protocol": settings.security_protocol,
            "ssl_context": _tls(settings) if "SSL" in settings.security_protocol else None,
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username or None,
            "sasl_plain_password": settings.sasl_password or None,
        }
        self.request_timeout_ms = round(settings.request_limit_s * 1000)

    def producer(self) -> AIOKafkaProducer:
        """Make one that writes each record once, in order, at once, and says so when all copies have it."""
        return AIOKafkaProducer(
            **self._common(),
            request_timeout_ms=self.request_timeout_ms,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            compression_type=None,
            max_request_size=LARGEST + MIB,
        )

    def member(self, group: str, instance: str) -> AIOKafkaConsumer:
        """Make one that joins a group: as a static member if it has a name."""
        session_ms = round(self._settings.session_s * 1000)
        return AIOKafkaConsumer(
            **self._common(),
            **_FETCHING,
            group_id=self._settings.prefix + group,
            group_instance_id=instance or None,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=round(self._settings.heartbeat_s * 1000),
            # To join takes as long as a dead member is waited for.
            request_timeout_ms=session_ms + self.request_timeout_ms,
            enable_auto_commit=False,
            partition_assignment_strategy=(KeepingAssignor(),),
        )

    def reader(self) -> AIOKafkaConsumer:
        """Make one that belongs to no group."""
        return AIOKafkaConsumer(**self._common(), **_FETCHING, request_timeout_ms=self.request_timeout_ms)

    def admin(self) -> AIOKafkaAdminClient:
        return AIOKafkaAdminClient(**self._common(), request_timeout_ms=self.request_timeout_ms)

    def _common(self) -> dict[str, Any]:
        return {"bootstrap_servers": self._settings.bootstrap_servers, "client_id": "parley", **self.security}


# If what should come next has expired, the oldest that is there comes next.
_FETCHING = {
    "auto_offset_reset": "earliest",
    "fetch_max_wait_ms": FETCH_WAIT_MS,
    "max_partition_fetch_bytes": FETCH_BYTES,
}


def _tls(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
        if settings.cert_file:
            context.load_cert_chain(settings.cert_file, settings.key_file)
    except OSError as error:  # ssl.SSLError included
        files = ", ".join(filter(None, (settings.ca_file, settings.cert_file, settings.key_file)))
        reason = error.strerror or str(error)
        remedy = "correct kafka.ca_file, kafka.cert_file or kafka.key_file"
        raise BusUnavailableError(f"{files}: no certificates there ({reason})", remedy) from error
    return context
