"""The Kubernetes manifests, put together as kustomize does it with files that only list others."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.source_tree import ROOT

FOLDER = ROOT / "infra" / "k8s"
VARIANTS = ("cpu", "gpu")

Manifest = dict[str, Any]


@cache
def manifests(folder: str) -> tuple[Manifest, ...]:
    """Give everything that `kubectl apply -k infra/k8s/FOLDER` applies."""
    return tuple(_read(FOLDER / folder))


def of_kind(folder: str, *kinds: str) -> list[Manifest]:
    return [each for each in manifests(folder) if each["kind"] in kinds]


def workloads(folder: str) -> list[Manifest]:
    """Give what starts pods."""
    return of_kind(folder, "Deployment", "StatefulSet", "Job")


def pod(workload: Manifest) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> dict[str, Any]:
    [only] = pod(workload)["containers"]
    assert isinstance(only, dict)
    return only


def containers() -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Give each container of both variants: where it is, itself, and what it is told (secrets made up)."""
    for folder in VARIANTS:
        maps = {each["metadata"]["name"]: each["data"] for each in of_kind(folder, "ConfigMap")}
        for workload in workloads(folder):
            it = container(workload)
            told = {k: v for each in it.get("envFrom", []) for k, v in maps[each["configMapRef"]["name"]].items()}
            told |= {each["name"]: _made_up(each) for each in it.get("env", [])}
            yield f"{folder}: {workload['metadata']['name']}", it, told


def _made_up(variable: dict[str, Any]) -> str:
    source = variable.get("valueFrom", {})
    if "fieldRef" in source:
        assert source["fieldRef"]["fieldPath"] == "status.hostIP"
        return "192.0.2.7"
    return str(variable["value"]) if "value" in variable else f"name:{'s' * 32}"


def _read(folder: Path) -> Iterator[Manifest]:
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    for name in listed:
        path = (folder / name).resolve()
        if path.is_dir():
            yield from _read(path)
        else:
            yield from yaml.safe_load_all(path.read_text())
