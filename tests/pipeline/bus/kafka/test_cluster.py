"""What clients of a cluster are made with."""

import ssl
from pathlib import Path

import pytest

from pipeline.bus.bus import BusUnavailableError
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.settings import KafkaSettings

HERE = "127.0.0.1:9"


def test_without_an_address_there_is_no_cluster() -> None:
    """It says which setting is missing."""
    with pytest.raises(BusUnavailableError, match="no Kafka brokers are named; set bus_url"):
        KafkaCluster(KafkaSettings())


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """Neither a file that is not there nor one that holds something else."""
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "nowhere.pem"):
        settings = KafkaSettings(bootstrap_servers=HERE, security_protocol="SSL", ca_file=str(tmp_path / name))
        with pytest.raises(BusUnavailableError, match=f"{name}: no certificates there .*; correct kafka.ca_file"):
            KafkaCluster(settings)


def test_tls_is_verified() -> None:
    """By the system's certificate authorities, if no other are named; and only where it was asked for."""
    context = KafkaCluster(KafkaSettings(bootstrap_servers=HERE, security_protocol="SSL")).security["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert KafkaCluster(KafkaSettings(bootstrap_servers=HERE)).security["ssl_context"] is None


def test_a_user_needs_a_name() -> None:
    """Settings that do not go together are refused."""
    with pytest.raises(ValueError, match="SASL_SSL needs sasl_username and sasl_password"):
        KafkaSettings(security_protocol="SASL_SSL")
    with pytest.raises(ValueError, match="cert_file and key_file go together"):
        KafkaSettings(cert_file="cert.pem")


async def test_members_with_a_name_are_static() -> None:
    """Groups are called by the prefix as well, and what cannot be joined in time is waited for."""
    settings = KafkaSettings(bootstrap_servers=HERE, prefix="two.")
    member = KafkaCluster(settings).member("stt-worker-group", "host-1")
    assert (member._group_id, member._group_instance_id) == ("two.stt-worker-group", "host-1")
    assert member._request_timeout_ms > member._session_timeout_ms
    await member.stop()
    nobody = KafkaCluster(settings).member("stt-worker-group", "")
    assert nobody._group_instance_id is None
    await nobody.stop()
