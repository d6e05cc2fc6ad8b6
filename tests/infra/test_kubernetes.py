"""The Kubernetes manifests: what the API would say to them, and what is ours to decide."""

import re
from typing import Any

import kubernetes_validate
import pytest

from media_server.settings import MediaSettings
from pipeline.settings import PipelineSettings
from tests.infra.dockerfile import read
from tests.infra.manifests import FOLDER, VARIANTS, Manifest, container, manifests, of_kind, pod, workloads

# The oldest release that is still looked after somewhere, and what the validator brings at most.
RELEASES = ("1.29", kubernetes_validate.latest_version())


def named(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


EACH = [pytest.param(folder, each, id=f"{folder}: {named(each)}") for folder in VARIANTS for each in manifests(folder)]
WORKLOADS = [pytest.param(each, id=f"{folder}: {named(each)}") for folder in VARIANTS for each in workloads(folder)]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("folder", VARIANTS)
def test_the_api_understands_every_field(folder: str, release: str) -> None:
    """Strictly: a field that does not exist is an error, not ignored."""
    for manifest in manifests(folder):
        kubernetes_validate.validate(manifest, release, strict=True)


def test_every_file_is_applied() -> None:
    """None is forgotten in a kustomization."""
    files = [path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml"]
    texts = {path.parent: (path.parent / "kustomization.yaml").read_text() for path in files}
    assert not [path.name for path in files if f"- {path.name}\n" not in texts[path.parent]]


def test_no_two_things_have_the_same_name() -> None:
    """Within a variant."""
    for folder in VARIANTS:
        names = [named(each) for each in manifests(folder)]
        assert len(names) == len(set(names)), folder


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_pod_is_confined(workload: Manifest) -> None:
    """Not root, no capabilities, a file system that it cannot write, and no key to the cluster."""
    spec, it = pod(workload), container(workload)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert f"{spec['securityContext']['runAsUser']}:{spec['securityContext']['runAsGroup']}" == read().last(
        "node", "USER"
    )
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert it["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"/tmp"} <= {each["mountPath"] for each in it["volumeMounts"]}


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_cluster_adds_no_variables(workload: Manifest) -> None:
    """Those of a service called parley would be taken for settings, and refused."""
    assert pod(workload)["enableServiceLinks"] is False


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_container_asks_for_what_it_needs(workload: Manifest) -> None:
    """And is held to a bound of memory, so that one that grows takes nobody else with it."""
    resources = container(workload)["resources"]
    assert {"cpu", "memory"} <= set(resources["requests"])
    assert "memory" in resources["limits"]
    assert "cpu" not in resources["limits"]


@pytest.mark.parametrize("workload", [param for param in WORKLOADS if "Job" not in str(param.id)])
def test_probes_ask_for_life_and_for_readiness(workload: Manifest) -> None:
    """At the port that the image says."""
    it = container(workload)
    assert it["startupProbe"]["httpGet"] == it["livenessProbe"]["httpGet"]
    assert it["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert it["readinessProbe"]["httpGet"]["path"] == "/readyz"
    environment = read().environment("node" if "node" in it["image"] else "worker")
    port = environment["PARLEY_SIGNALING__PORT" if "node" in it["image"] else "PARLEY_PROCESS__PROBE_PORT"]
    ports = {each["name"]: each["containerPort"] for each in it["ports"]}
    assert ports[it["livenessProbe"]["httpGet"]["port"]] == int(port)
    assert workload["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == port


def test_the_end_is_waited_for() -> None:
    """A node may drain, a worker may finish what it has in work."""
    [node] = of_kind("cpu", "Deployment")
    assert pod(node)["terminationGracePeriodSeconds"] >= MediaSettings().drain_ms / 1000 + 10
    for worker in of_kind("cpu", "StatefulSet") + of_kind("gpu", "StatefulSet"):
        assert pod(worker)["terminationGracePeriodSeconds"] >= PipelineSettings().worker.drain_s + 10


def test_sound_goes_straight_to_its_machine() -> None:
    """One UDP port of the machine itself; so no two nodes on one machine, not even for a moment."""
    [node] = of_kind("cpu", "Deployment")
    [media] = [port for port in container(node)["ports"] if port["protocol"] == "UDP"]
    assert media["hostPort"] == media["containerPort"] == int(read().environment("node")["PARLEY_RTC__PORT"])
    assert node["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 0


@pytest.mark.parametrize("folder", VARIANTS)
def test_workers_keep_their_names(folder: str) -> None:
    """A pod of a StatefulSet has its ordinal in its host name, which is its identity in the consumer group."""
    workers = [each for each in workloads(folder) if container(each)["args"][0] == "worker"]
    assert {each["kind"] for each in workers} == {"StatefulSet"}
    assert sorted(container(each)["args"][1] for each in workers) == ["stt", "translation", "tts"]
    services = {each["metadata"]["name"] for each in of_kind(folder, "Service")}
    assert {each["spec"]["serviceName"] for each in workers} <= services
    assert not [each for each in workers if "hostname" in pod(each)]


def test_the_gpus_variant_uses_it() -> None:
    """A GPU each for hearing and speaking, in the image that has CUDA."""
    for worker in of_kind("gpu", "StatefulSet"):
        it = container(worker)
        uses = it["resources"]["limits"].get("nvidia.com/gpu") == 1
        assert uses is ("worker-gpu" in it["image"]) is (it["args"][1] != "translation"), named(worker)


def selects(selector: dict[str, Any], workload: Manifest) -> bool:
    labels = workload["spec"]["template"]["metadata"].get("labels", {})
    return set(selector.items()) <= set(labels.items())


@pytest.mark.parametrize("folder", VARIANTS)
def test_selectors_find_somebody(folder: str) -> None:
    """Services, budgets, scalers and workloads point at pods that exist."""
    running = workloads(folder)
    for service in of_kind(folder, "Service"):
        assert [each for each in running if selects(service["spec"]["selector"], each)], named(service)
    budgets = of_kind(folder, "PodDisruptionBudget")
    for workload in running:
        found = [each for each in budgets if selects(each["spec"]["selector"]["matchLabels"], workload)]
        assert len(found) == (0 if workload["kind"] == "Job" else 1), named(workload)
    for scaler in of_kind(folder, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        assert f"{target['kind']} {target['name']}" in map(named, running)


def test_there_are_never_more_workers_than_partitions() -> None:
    """The ones beyond would have nothing to do."""
    [config] = of_kind("cpu", "ConfigMap")
    partitions = int(config["data"]["PARLEY_PIPELINE__KAFKA__PARTITIONS"])
    assert [each["spec"]["maxReplicas"] for each in of_kind("cpu", "HorizontalPodAutoscaler")] == [partitions] * 2


def test_no_secret_is_written_down() -> None:
    """They are references; nothing in the files looks like one."""
    assert not of_kind("cpu", "Secret") + of_kind("gpu", "Secret")
    text = "".join(path.read_text() for path in FOLDER.rglob("*.yaml"))
    assert not re.search(r"(secret|password): ['\"]?[A-Za-z0-9+/]{16,}", text, re.IGNORECASE)
