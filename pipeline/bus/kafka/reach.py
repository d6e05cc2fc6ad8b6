"""First contact with a Kafka cluster: whether it can be reached, lets us in, and has the topics. All in words."""

import asyncio
import errno
import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import errors
from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.protocol.metadata import MetadataRequest

from pipeline.bus.bus import BusUnavailableError, TopicsError
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.topics import Topic
from pipeline.settings import KafkaSettings

_REFUSED = (
    errors.AuthenticationFailedError,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)


async def reach(settings: KafkaSettings, cluster: KafkaCluster, topics: Iterable[Topic]) -> dict[str, int]:
    """Ask the first broker that answers for the number of partitions of each topic; those that are missing have none.

    Raises:
        BusUnavailableError: no broker answers, or it does not let us in; for the last of them, why.
    """
    problem = BusUnavailableError("no Kafka brokers are named", "set bus_url, as in kafka://localhost:9092")
    for host, port, _ in collect_hosts(settings.bootstrap_servers):
        try:
            async with asyncio.timeout(settings.open_limit_s):
                connection = await create_conn(
                    host, port, client_id="parley", request_timeout_ms=cluster.request_timeout_ms, **cluster.security
                )
                return await _ask(connection, [settings.prefix + topic.name for topic in topics])
        except (OSError, TimeoutError, errors.KafkaError) as error:
            problem = in_words(f"{host}:{port}", error)
            problem.__cause__ = error
    raise problem


async def _ask(connection: AIOKafkaConnection, names: Sequence[str]) -> dict[str, int]:
    try:
        answer = await connection.send(MetadataRequest(list(names), allow_auto_topic_creation=False))
    finally:
        await connection.close()
    found: dict[str, int] = dict.fromkeys(names, 0)
    for error_code, name, _, partitions in answer.topics:
        if errors.for_code(error_code) is errors.NoError:
            found[name] = len(partitions)
    return found


def compare(topics: Iterable[Topic], prefix: str, found: Mapping[str, int]) -> None:
    """See whether each topic is there as it should be.

    Raises:
        TopicsError: which are not.
    """
    problems = []
    for topic in topics:
        name, partitions = prefix + topic.name, found.get(prefix + topic.name, 0)
        if not partitions:
            problems.append(f"there is no topic {name}")
        elif partitions != topic.partitions:
            problems.append(f"{name} has {partitions} partitions instead of {topic.partitions}")
    if problems:
        raise TopicsError(problems)


def in_words(where: str, error: Exception) -> BusUnavailableError:
    """Say what is wrong with a broker, and what to do."""
    check_security = "check kafka.security_protocol, and what that listener of the broker speaks"
    match error:
        case ssl.SSLCertVerificationError():
            problem = f"the certificate of {where} is not trusted ({error.verify_message})"
            return BusUnavailableError(problem, "name the certificate authority that signed it in kafka.ca_file")
        case ssl.SSLError():
            return BusUnavailableError(f"no TLS with {where} ({error.reason})", check_security)
        case _ if isinstance(error, _REFUSED):
            problem = f"{where} does not accept the credentials ({_name(error)})"
            return BusUnavailableError(
                problem, "correct kafka.sasl_username, kafka.sasl_password or kafka.sasl_mechanism"
            )
        case TimeoutError() | errors.RequestTimedOutError():
            return BusUnavailableError(
                f"{where} does not answer", f"see whether that broker is well, or {check_security}"
            )
        case OSError() if f"[Errno {errno.ECONNREFUSED}]" in str(error):  # of one address or of several
            problem = f"there is no broker at {where} (connection refused)"
            return BusUnavailableError(problem, "start it, or correct the address in bus_url")
        case ConnectionError() | errors.KafkaConnectionError():
            return BusUnavailableError(f"{where} closes the connection", check_security)
        case OSError():
            problem = f"{where} cannot be reached ({error.strerror or _name(error)})"
            return BusUnavailableError(problem, "correct the address in bus_url")
    return BusUnavailableError(f"{where} answers with {_name(error)}", "see what its log says")


def _name(error: Any) -> str:
    return type(error).__name__
