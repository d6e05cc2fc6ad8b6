"""What `make test` runs, on a small tree of its own: everything, once more what failed, and types meanwhile."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source_tree import ROOT

PYPROJECT = """
[tool.pytest.ini_options]
addopts = ["--strict-markers"]
markers = ["journey: one by one", "soak: never here"]
"""
CONFTEST = """
def pytest_addoption(parser):
    parser.addini("loop_limit_ms", "as in the project")
"""
# Fails when it is told for the first time.
HASTY = """
from pathlib import Path
import pytest

{mark}
def test_it(pytestconfig):
    assert (pytestconfig.getini("loop_limit_ms") == "3000") is {patient}
    told = Path("told-{name}")
    assert told.exists() or told.touch()
"""
GREEN = """
import pytest

def test_it():
    pass

@pytest.mark.soak
def test_for_long():
    raise AssertionError("not by make test")
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a tree with one green test, and with programs that are the project's own."""
    for name, text in {
        "pyproject.toml": PYPROJECT,
        "tests/conftest.py": CONFTEST,
        "tests/test_green.py": GREEN,
        ".venv/bin/python": f'#!/bin/sh\nexec {sys.executable} "$@"\n',
        ".venv/bin/mypy": "#!/bin/sh\ncat wrong-types 2>/dev/null && exit 1\nexit 0\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    (tmp_path / "infra").mkdir()
    shutil.copy(ROOT / "infra" / "test", tmp_path / "infra" / "test")
    return tmp_path


def told(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        ["infra/test", "tests"], cwd=tree, env=environment, capture_output=True, text=True, timeout=90, check=False
    )


def test_what_fails_once_is_told_again_and_named(tree: Path) -> None:
    """One of each kind, by the limits of its kind both times."""
    for name, mark, patient in (("plain", "", True), ("journey", "@pytest.mark.journey", False)):
        (tree / "tests" / f"test_{name}.py").write_text(HASTY.format(name=name, mark=mark, patient=patient))
    answer = told(tree)
    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.count("once more, one by one") == 2
    assert "some passed only when told once more" in answer.stdout


def test_what_fails_twice_is_wrong(tree: Path) -> None:
    """And the journeys are not begun."""
    (tree / "tests" / "test_red.py").write_text("def test_it():\n    assert False, 'as ever'\n")
    answer = told(tree)
    assert answer.returncode == 1
    assert answer.stdout.count("as ever") >= 2


def test_wrong_types_are_said_at_the_end_of_the_first_part(tree: Path) -> None:
    """Whatever the tests say."""
    (tree / "wrong-types").write_text("a.py:1: not that")
    answer = told(tree)
    assert answer.returncode == 1
    assert answer.stdout.rstrip().endswith("a.py:1: not that")
