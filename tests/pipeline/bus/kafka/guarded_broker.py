"""A broker with more doors than one: in the clear, for users with a password, and with TLS; and to be switched off."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.broker import BrokerProcess, free_ports

# The user that the broker's data come with (SCRAM), and that its settings name (PLAIN).
USER, PASSWORD = "parley", "parley-secret"


class GuardedBroker(BrokerProcess):
    """Three listeners: PLAINTEXT at `bootstrap`, SASL_SSL and SSL at theirs."""

    def __init__(self, folder: Path) -> None:
        sasl, tls = free_ports(2)
        self.sasl = f"127.0.0.1:{sasl}"
        self.tls = f"127.0.0.1:{tls}"
        # Whoever trusts this file trusts the broker.
        self.ca_file = folder / "ca.pem"
        _make_certificate(self.ca_file, folder / "broker.pem")
        doors = f"PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://{self.sasl},SSL://{self.tls}"
        super().__init__(
            folder,
            (
                f"listeners={doors},CONTROLLER://127.0.0.1:{{controller_port}}",
                f"advertised.listeners={doors}",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
                "ssl.keystore.type=PEM",
                f"ssl.keystore.location={folder / 'broker.pem'}",
                "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
                _jaas("plain", f'plain.PlainLoginModule required user_{USER}="{PASSWORD}"'),
                _jaas("scram-sha-256", "scram.ScramLoginModule required"),
                _jaas("scram-sha-512", "scram.ScramLoginModule required"),
            ),
        )


def _jaas(mechanism: str, module: str) -> str:
    return f"listener.name.sasl_ssl.{mechanism}.sasl.jaas.config=org.apache.kafka.common.security.{module};"


def _make_certificate(certificate_file: Path, all_file: Path) -> None:
    """Make a certificate for the loopback address, signed by itself; the second file has its key as well."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a broker of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=24))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate_file.write_bytes(pem)
    all_file.write_bytes(secret + pem)
