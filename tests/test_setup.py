"""The set-up script on machines of several kinds, with stand-ins for their package programs."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.source_tree import ROOT

TOOLS = (
    "bash",
    "cat",
    "cut",
    "dirname",
    "env",
    "flock",
    "id",
    "ln",
    "mkdir",
    "mv",
    "rm",
    "sed",
    "sha256sum",
    "chmod",
    "mktemp",
)
FILES = (
    "setup",
    "native",
    "packages-run.txt",
    "packages-test.txt",
    "requirements-setup.lock",
    "requirements.lock",
    "requirements-test.lock",
    "kafka/broker",
    "kafka/pom.xml",
    "kafka/server.properties",
)

# Every stand-in notes how it was called.
NOTE = '#!/bin/bash\necho "${0##*/} $*" >>"$CALLS"\n'


# A Python that makes a .venv in which everything is such a stand-in.
PYTHON = r"""
[[ "$1" == -m && "$2" == venv ]] || exit 0
mkdir -p .venv/bin
for name in python pip uv; do ln -sf "$(type -P python3)" .venv/bin/$name; done
echo parley >.venv/bin/parley
chmod +x .venv/bin/parley
"""

# A compiler that makes an empty library.
COMPILER = 'while [[ $1 != -o ]]; do shift; done; : >"$2"\n'


@dataclass
class Machine:
    """A machine that has only what a test gives it, with a copy of the set-up in a tree of its own."""

    folder: Path

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def calls(self) -> str:
        """What the stand-ins were asked for, a line each."""
        notes = self.folder / "calls"
        return notes.read_text() if notes.exists() else ""

    def gets(self, program: str, script: str = "") -> None:
        """Put a stand-in on the path."""
        path = self.folder / "bin" / program
        path.unlink(missing_ok=True)
        path.write_text(NOTE + script)
        path.chmod(0o755)

    def gets_packages(self, *missing: str) -> None:
        """Make it Debian-like, with all packages installed but these."""
        absent = "|".join(missing) or "-"
        self.gets("dpkg-query", f'[[ "${{@: -1}}" =~ ^({absent})$ ]] && exit 1\nprintf installed\n')
        self.gets("apt-get")
        self.gets("apt-cache", '[[ "$2" == apertium-spa-ita ]] && exit 100\nexit 0\n')

    @property
    def libraries(self) -> list[Path]:
        """What was compiled."""
        return list((self.tree / "media_server" / "rtc").glob("lanes-*.so*"))

    def sets_up(self, *level: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(self.tree / "infra" / "setup"), *level],
            env={"PATH": str(self.folder / "bin"), "CALLS": str(self.folder / "calls"), "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    (tmp_path / "tree" / "infra" / "kafka").mkdir(parents=True)
    for name in FILES:
        shutil.copy(ROOT / "infra" / name, tmp_path / "tree" / "infra" / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "tree")
    shutil.copytree(ROOT / "media_server" / "rtc", tmp_path / "tree" / "media_server" / "rtc", ignore=_libraries)
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    machine = Machine(tmp_path)
    machine.gets("python3", PYTHON)
    machine.gets("cc", COMPILER)
    return machine


_libraries = shutil.ignore_patterns("*.so", "__pycache__")


def installs(machine: Machine) -> list[str]:
    """Give what apt-get was asked to install, trials apart."""
    calls = [line for line in machine.calls.splitlines() if line.startswith("apt-get")]
    return [line for line in calls if " install " in line and "--simulate" not in line]


def be(machine: Machine, user: int) -> None:
    machine.gets("id", f"echo {user}\n")


@pytest.mark.parametrize("words", [(), ("all",), ("run", "test")])
def test_an_unknown_level_ends_with_2(machine: Machine, words: tuple[str, ...]) -> None:
    """Nothing is touched."""
    answer = machine.sets_up(*words)
    assert (answer.returncode, answer.stderr) == (2, "usage: infra/setup run|test\n")
    assert machine.calls == ""


def test_without_root_the_line_to_run_is_printed(machine: Machine) -> None:
    """It names what is missing, and nothing is installed."""
    be(machine, 1000)
    machine.gets_packages("apertium", "espeak-ng")
    answer = machine.sets_up("run")
    assert answer.returncode == 1
    line = "apt-get update && apt-get install --yes --no-install-recommends espeak-ng apertium"
    assert answer.stderr.splitlines()[-1].strip() == line
    assert "apt-get" not in machine.calls


def test_root_installs_what_is_missing(machine: Machine) -> None:
    """Missing packages and those only; the ones that the distribution lacks are left out and named."""
    be(machine, 0)
    machine.gets_packages("apertium", "apertium-spa-ita")
    answer = machine.sets_up("run")
    assert answer.returncode == 0, answer.stderr
    [install] = installs(machine)
    assert install.endswith("install --yes --no-install-recommends apertium")
    assert "no package apertium-spa-ita" in answer.stderr


def test_nothing_is_taken_away_for_a_package(machine: Machine) -> None:
    """PulseAudio and PipeWire shut each other out: what a person chose stays, and the rest is installed."""
    be(machine, 0)
    machine.gets_packages("apertium", "espeak-ng")
    words = "E: Packages need to be removed but remove is disabled."
    machine.gets("apt-get", f'[[ "$*" == *--simulate*espeak-ng* ]] && {{ echo "{words}" >&2; exit 100; }}\nexit 0\n')
    answer = machine.sets_up("run")
    assert answer.returncode == 0, answer.stderr
    [install] = installs(machine)
    assert install.endswith("install --yes --no-install-recommends apertium")
    assert "espeak-ng would take others away" in answer.stderr


def test_sudo_does_as_root_does(machine: Machine) -> None:
    """Where it needs no password."""
    be(machine, 1000)
    machine.gets_packages("apertium")
    machine.gets("sudo", '[[ "$1" == -n ]] && shift\n[[ "$1" == true ]] && exit 0\nexec "$@"\n')
    answer = machine.sets_up("run")
    assert answer.returncode == 0, answer.stderr
    assert "sudo env DEBIAN_FRONTEND=noninteractive apt-get" in machine.calls


def test_what_is_there_is_left_alone(machine: Machine) -> None:
    """A second set-up asks neither apt nor pip nor uv, so it needs no network."""
    be(machine, 0)
    machine.gets_packages()
    assert machine.sets_up("run").returncode == 0
    (machine.folder / "calls").unlink()
    answer = machine.sets_up("run")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not [line for line in machine.calls.splitlines() if line.startswith(("apt-get", "pip", "uv", "sudo"))]


def test_what_forwards_packets_is_compiled_once(machine: Machine) -> None:
    """And again when its sources are others."""
    be(machine, 0)
    machine.gets_packages()
    machine.sets_up("run")
    machine.sets_up("run")
    assert machine.calls.count("cc -O2") == len(machine.libraries) == 1
    source = machine.tree / "media_server" / "rtc" / "lanes.c"
    source.write_text(source.read_text() + "/* changed */\n")
    machine.sets_up("run")
    assert machine.calls.count("cc -O2") == 2
    assert len(machine.libraries) == 1


@pytest.mark.parametrize("compiler", ["exit 1\n", None])
def test_without_a_compiler_that_works_it_goes_on(machine: Machine, compiler: str | None) -> None:
    """Parley does the same in Python; what that costs is said."""
    be(machine, 0)
    machine.gets_packages()
    (machine.folder / "bin" / "cc").unlink()
    if compiler:
        machine.gets("cc", compiler)
    answer = machine.sets_up("run")
    assert answer.returncode == 0
    assert "some three times the cost" in answer.stderr
    assert machine.libraries == []


def test_any_compiler_saves_the_package(machine: Machine, tmp_path: Path) -> None:
    """Where there is one already, root is not needed for another; where there is none, it is asked for."""
    be(machine, 1000)
    machine.gets_packages("tcc")
    assert machine.sets_up("run").returncode == 0
    (machine.folder / "bin" / "cc").unlink()
    answer = machine.sets_up("run")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].endswith("--no-install-recommends tcc")


def test_a_changed_lock_is_installed(machine: Machine) -> None:
    """What .venv holds follows the lock."""
    be(machine, 0)
    machine.gets_packages()
    machine.sets_up("run")
    lock = machine.tree / "infra" / "requirements.lock"
    lock.write_text(lock.read_text() + "# changed\n")
    (machine.folder / "calls").unlink()
    answer = machine.sets_up("run")
    assert answer.returncode == 0, answer.stderr
    assert "uv pip sync" in machine.calls


def test_running_after_testing_takes_nothing_away(machine: Machine) -> None:
    """`make run` in a tree set up for tests keeps what tests need."""
    be(machine, 0)
    machine.gets_packages()
    machine.sets_up("test")
    (machine.folder / "calls").unlink()
    assert machine.sets_up("run").returncode == 0
    assert "uv pip sync" not in machine.calls


def test_for_the_tests_kafka_is_fetched(machine: Machine) -> None:
    """With Maven, beside Python's packages; not for Parley itself, and not where there is no Java."""
    be(machine, 0)
    machine.gets_packages()
    assert machine.sets_up("run").returncode == 0
    answer = machine.sets_up("test")
    assert "Without Java and Maven there is no Kafka" in answer.stderr
    assert "kafka/broker" not in machine.calls
    machine.gets("java")
    machine.gets("mvn")
    assert machine.sets_up("test").returncode == 0
    assert "python3 infra/kafka/broker fetch" in machine.calls.splitlines()


def test_without_a_network_kafka_is_not_fetched_in_silence(machine: Machine) -> None:
    """The set-up stops, and says what to do."""
    be(machine, 0)
    machine.gets_packages()
    machine.gets("java")
    machine.gets("mvn")
    machine.gets("python3", PYTHON.replace("exit 0", '{ [[ "$1" == infra/kafka/broker ]] && exit 1; exit 0; }'))
    answer = machine.sets_up("test")
    assert answer.returncode == 1
    assert "Kafka could not be fetched" in answer.stderr


def test_a_machine_without_debians_packages_is_told_what_it_lacks(machine: Machine) -> None:
    """And the set-up goes on: Parley starts without."""
    answer = machine.sets_up("run")
    assert answer.returncode == 0, answer.stderr
    assert "not a Debian-like system" in answer.stderr
    assert "espeak-ng (espeak-ng)" in answer.stderr


def test_without_a_python_it_stops_with_what_to_do(machine: Machine) -> None:
    """On a machine on which it cannot be installed either."""
    (machine.folder / "bin" / "python3").unlink()
    answer = machine.sets_up("run")
    assert answer.returncode == 1
    assert "Python 3.11 or newer is needed" in answer.stderr


def test_an_old_python_is_none(machine: Machine) -> None:
    """On Debian, a new one is installed along with the rest."""
    be(machine, 1000)
    machine.gets_packages()
    machine.gets("python3", "exit 1\n")
    answer = machine.sets_up("run")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].endswith("python3 python3-venv")


def test_the_scripts_may_be_executed() -> None:
    """make, CI and people start them by name."""
    for script in ("infra/setup", "infra/lock", "infra/test", "infra/kafka/broker", ".ci/run"):
        assert os.access(ROOT / script, os.X_OK), script
