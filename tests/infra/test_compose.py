"""docker-compose.yml, as Debian's docker-compose reads it: every profile, what is published, and what must be said."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from media_server.settings import MediaSettings
from tests.infra.composed import (
    FILE,
    REQUIRED,
    SECOND_NODE,
    as_written,
    compose_config,
    composed,
    example,
    published,
    services,
)
from tests.support.source_tree import ROOT

ALWAYS = {"node", "translation", "topics", "kafka", "redis", "coturn"}
BOTH = (FILE, SECOND_NODE)


@pytest.mark.parametrize(
    ("profiles", "more"),
    [
        (("cpu",), {"stt", "tts"}),
        (("gpu",), {"stt-gpu", "tts-gpu"}),
        (("cpu", "observability"), {"stt", "tts", "prometheus", "grafana"}),
    ],
    ids=lambda value: "-".join(sorted(value)) or "none",
)
def test_a_profile_is_what_it_says(profiles: tuple[str, ...], more: set[str]) -> None:
    """The GPU's workers take the place of the CPU's, never a place beside them."""
    assert set(services(*profiles)) == ALWAYS | more


def test_the_example_is_all_there_is_to_say(tmp_path: Path) -> None:
    """With what is empty filled in, the CPU's workers start; every variable is there, and the media port announced."""
    path = example(tmp_path / "env", {**REQUIRED, "MORE_ADDRESSES": "2001:db8::7"})
    said = path.read_text().replace("MEDIA_PORT=7000", "MEDIA_PORT=5004")
    path.write_text(said)
    assert re.search(r"^COMPOSE_PROFILES=cpu$", said, re.MULTILINE)
    named = set(re.findall(r"\$\{(\w+)", (ROOT / FILE).read_text()))
    assert named | {"COMPOSE_PROFILES"} == set(re.findall(r"^(\w+)=", said, re.MULTILINE))

    answer = compose_config(said={}, env_file=path)
    assert answer.returncode == 0, answer.stderr
    node = yaml.safe_load(answer.stdout)["services"]["node"]
    assert node["environment"]["PARLEY_RTC__PORT"] == "5004"
    assert node["environment"]["PARLEY_RTC__ANNOUNCE"] == "203.0.113.7,2001:db8::7"
    assert {"host": "", "outside": "5004", "inside": "5004", "protocol": "udp"} in published(node)


@pytest.mark.parametrize("name", REQUIRED)
def test_what_must_be_said_is_asked_for(name: str) -> None:
    """By its name, and with what to do; empty, as in .env.example, is not said."""
    answer = compose_config("cpu", said={**REQUIRED, name: ""})
    assert answer.returncode != 0
    assert answer.stderr.rpartition(": set ")[2].startswith(f"{name} in .env to the ")


def test_nothing_is_published_but_page_media_and_turn() -> None:
    """The page to this machine only, for the proxy in front of it; the coturn is on the host's network."""
    found = {name: published(it) for name, it in services("cpu").items() if published(it)}
    assert list(found) == ["node"]
    page, media = sorted(found["node"], key=lambda port: port["protocol"])
    assert page == {"host": "127.0.0.1", "outside": "8080", "inside": "8080", "protocol": "tcp"}
    assert media == {"host": "", "outside": "7000", "inside": "7000", "protocol": "udp"}
    on_host = {name for name, it in services("cpu").items() if it.get("network_mode") == "host"}
    assert on_host == {"coturn"}
    assert published(services("cpu", "observability")["grafana"])[0]["host"] == "127.0.0.1"


def test_what_is_said_stays_inside() -> None:
    """Kafka and Redis are in a network without a way out, and nowhere else."""
    assert composed("cpu", files=(FILE,))["networks"]["inside"]["internal"] is True
    for name in ("kafka", "redis", "topics", "prometheus"):
        assert list(services("cpu", "observability")[name]["networks"]) == ["inside"], name


def test_what_the_tests_read_is_what_the_program_reads() -> None:
    """Where a test reads the files by itself, as most do since it is quicker."""
    read = services("cpu", "observability") | services("gpu") | services("cpu", files=BOTH)
    assert read.keys() == as_written().keys()
    for name, it in read.items():
        for key in ("image", "command", "user", "restart", "read_only", "cap_drop"):
            assert it.get(key) == as_written()[name].get(key), (name, key)
        told = {k: str(v) for k, v in it.get("environment", {}).items()}
        assert told == {k: str(v) for k, v in as_written()[name].get("environment", {}).items()}, name


def test_every_image_is_pinned() -> None:
    """A version for all of them; ours is the project's."""
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    for name, it in as_written().items():
        image, _, tag = it["image"].partition(":")
        assert re.fullmatch(r"v?\d+\.\d+\.\d+[a-z0-9.-]*", tag), name
        if image.startswith("parley/"):
            assert tag == version[1], name


@pytest.mark.parametrize("name", as_written())
def test_a_service_is_confined(name: str) -> None:
    """No capabilities but one, no new privileges, a bounded log; it comes back; and it is not root."""
    it = as_written()[name]
    assert it["restart"] == ("on-failure" if name == "topics" else "unless-stopped")
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert it["logging"]["options"]["max-size"] == "10m"
    assert it.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "coturn" else [])
    # Ours say it in the image (test_dockerfile.py).
    assert it["image"].startswith("parley/") or not str(it["user"]).startswith(("0", "root"))
    assert it.get("read_only") or name == "kafka"


def test_every_service_says_whether_it_is_well() -> None:
    """In compose or in the image; what runs once ends with a status instead."""
    for name, it in as_written().items():
        check = it.get("healthcheck", {})
        if name == "topics":
            assert check.get("disable") or check["test"] == ["NONE"]
        else:
            assert bool(check.get("test")) is not it["image"].startswith("parley/"), name


def test_the_gpus_workers_reserve_one() -> None:
    """Driver, count and capabilities; the others reserve none."""
    for name, it in as_written().items():
        wanted = it.get("deploy", {}).get("resources", {}).get("reservations", {}).get("devices", [])
        is_gpu = name.endswith("-gpu")
        assert wanted == ([{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}] if is_gpu else []), name
        assert ("worker-gpu" in it["image"]) is is_gpu


def test_the_gpus_workers_have_the_others_names() -> None:
    """So Prometheus finds them where it looks."""
    for name in ("stt", "tts"):
        gpu = services("gpu")[f"{name}-gpu"]
        assert gpu["networks"]["inside"]["aliases"] == [name]
        assert gpu["command"] == services("cpu")[name]["command"]


def test_scaled_workers_have_names_of_their_own() -> None:
    """A fixed host name would be one identity in the consumer group for all of them."""
    for name, it in as_written().items():
        assert "hostname" not in it, name
        assert "container_name" not in it, name


def test_models_outlive_their_containers() -> None:
    """The workers' volume is the one that the image's HF_HOME is in."""
    for name in ("stt", "translation", "tts"):
        [volume] = services("cpu")[name]["volumes"]
        assert (volume if isinstance(volume, str) else f"{volume['source']}:{volume['target']}").startswith(
            "models:/models"
        )


def test_a_node_has_time_to_finish_what_is_being_said() -> None:
    """The engine waits for longer than the draining may take."""
    grace_s = int(as_written()["node"]["stop_grace_period"].removesuffix("s"))
    assert grace_s >= MediaSettings().drain_ms / 1000 + 5


def test_a_second_node_differs_by_its_ports_only() -> None:
    """Its own media port, announced; otherwise the first one's twin."""
    found = services("cpu", files=BOTH)
    assert set(found) == set(services("cpu")) | {"node-2"}
    one, two = found["node"], found["node-2"]
    assert {port["outside"] for port in published(one)}.isdisjoint(port["outside"] for port in published(two))
    media = next(port for port in published(two) if port["protocol"] == "udp")
    assert media["inside"] == media["outside"] == two["environment"]["PARLEY_RTC__PORT"]
    assert two["networks"]["inside"]["aliases"] == ["node"]
    own = {"ports", "networks", "environment"}
    assert {k: v for k, v in one.items() if k not in own} == {k: v for k, v in two.items() if k not in own}
    port = {"PARLEY_RTC__PORT"}
    assert {k: v for k, v in one["environment"].items() if k not in port} == {
        k: v for k, v in two["environment"].items() if k not in port
    }


def test_kafka_is_the_one_that_the_tests_have() -> None:
    """The same version, and the same answer to every question that both files answer."""
    kafka = services("cpu")["kafka"]
    pom = (ROOT / "infra" / "kafka" / "pom.xml").read_text()
    assert f"<artifactId>kafka_2.13</artifactId>\n      <version>{kafka['image'].partition(':')[2]}</version>" in pom
    lines = (ROOT / "infra" / "kafka" / "server.properties").read_text().splitlines()
    tested = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    ours = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for name, value in kafka["environment"].items()
        if name != "KAFKA_HEAP_OPTS"
    }
    both = ours.keys() & tested.keys()
    assert {"process.roles", "auto.create.topics.enable", "offsets.topic.replication.factor"} < both
    assert {name: ours[name] for name in both} == {name: tested[name] for name in both}


def test_coturn_gets_the_shipped_configuration_and_the_secret(tmp_path: Path) -> None:
    """In a file that only it can read; the media node's addresses are the only private ones that it relays to."""
    service = services("cpu")["coturn"]
    *shell, script = service["entrypoint"]
    stand_in = tmp_path / "turnserver"
    stand_in.write_text('#!/bin/sh\nls -l "$2" | cut -c1-10\ncat "$2"\n')
    stand_in.chmod(0o755)
    here = script.replace("$$", "$").replace("/tmp/", f"{tmp_path}/").replace("/etc/coturn", str(ROOT / "infra/coturn"))
    answer = subprocess.run(
        [*shell, here],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", **service["environment"], "MORE_ADDRESSES": "2001:db8::7"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    mode, *lines = answer.stdout.splitlines()
    assert mode == "-rw-------"
    assert "use-auth-secret" in lines
    assert lines[-4:] == [
        f"static-auth-secret={REQUIRED['TURN_SECRET']}",
        "external-ip=203.0.113.7",
        "allowed-peer-ip=203.0.113.7",
        "allowed-peer-ip=2001:db8::7",
    ]
