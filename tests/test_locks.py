"""The lock files: versions and hashes, no addresses, no torch, and nothing that pyproject.toml does not allow."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.source_tree import ROOT

LOCKS = [ROOT / "infra" / name for name in ("requirements-setup.lock", "requirements.lock", "requirements-test.lock")]
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+?)(?: ; .*)? \\$", re.MULTILINE)


def pins(lock: Path) -> dict[str, set[str]]:
    """Give the versions pinned for each name (more than one where Pythons differ)."""
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall(lock.read_text()):
        found.setdefault(name, set()).add(version)
    return found


def required(group: str | None = None) -> list[Requirement]:
    """Give what a group or an extra asks for; None: what everybody gets."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = {**project["project"]["optional-dependencies"], **project["dependency-groups"]}
    lines = named[group] if group else project["project"]["dependencies"]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_no_address(lock: Path) -> None:
    """Where packages come from is the machine's own setting."""
    assert "://" not in lock.read_text()
    assert not re.search(r"^--(extra-)?index|^--find-links", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_hashes(lock: Path) -> None:
    """A package that was changed on its way is refused."""
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
    assert pins(lock)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_is_light(lock: Path) -> None:
    """Neither torch nor what comes with it is installed by default."""
    heavy = [name for name in pins(lock) if name == "triton" or name.startswith(("torch", "nvidia-", "tensorflow"))]
    assert not heavy


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("requirements.lock", (None, "build")), ("requirements-test.lock", (None, "build", "dev", "desktop"))],
)
def test_a_lock_answers_pyproject(lock: str, groups: tuple[str | None, ...]) -> None:
    """Everything required is pinned, to a version that is allowed; if not, run `make lock`."""
    pinned = pins(ROOT / "infra" / lock)
    for requirement in (requirement for group in groups for requirement in required(group)):
        versions = pinned.get(re.sub(r"[-_.]+", "-", requirement.name).lower(), set())
        if requirement.marker is None:
            assert versions, f"{requirement.name} is not in {lock}: run `make lock`"
            assert all(map(requirement.specifier.contains, versions)), f"{lock} has {versions}: run `make lock`"


def test_the_two_locks_agree() -> None:
    """What is tested is what runs."""
    runs, tested = (pins(lock) for lock in LOCKS[1:])
    assert {name: tested.get(name) for name in runs} == runs


def test_no_python_dependency_is_under_the_gpl_or_for_non_commercial_use() -> None:
    """Such engines are system programs or opt-in; PyAV's wheel, of which `parley doctor` tells, calls itself BSD."""
    refused = re.compile(r"\bA?GPL|GNU (Affero )?General|non-?commercial|CC-BY-NC", re.IGNORECASE)
    found = {name: _licence(name) for name in pins(LOCKS[1]) if refused.search(_licence(name))}
    assert not found


def _licence(name: str) -> str:
    try:
        about = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""  # for another system or another Python
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join(
        ["".join(about.get_all("License-Expression") or about.get_all("License") or [])[:100], *classifiers]
    )


def test_aiortc_and_aioice_are_pinned_exactly() -> None:
    """media_server/rtc touches their private names; its contract test goes with these versions."""
    exact = {requirement.name: str(requirement.specifier) for requirement in required()}
    assert exact["aiortc"].startswith("==")
    assert exact["aioice"].startswith("==")
