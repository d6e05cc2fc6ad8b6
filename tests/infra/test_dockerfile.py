"""The images: pinned, small, nobody in particular; and the probe that their health checks run."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.infra.composed import as_written
from tests.infra.dockerfile import Dockerfile, read
from tests.support.source_tree import PACKAGES, ROOT

PROBE = ROOT / "infra" / "docker" / "probe.py"
TARGETS = ("node", "worker")


@pytest.fixture(scope="module")
def dockerfile() -> Dockerfile:
    return read()


def test_every_base_is_pinned(dockerfile: Dockerfile) -> None:
    """Down to the point release: the same file makes the same image next month."""
    bases = {name: dockerfile.line_of(name)[-1].base for name in dockerfile.stages}
    for base in bases.values():
        assert re.fullmatch(r"[a-z/]+:\d+\.\d+[a-z0-9.-]*", base), base
    assert dockerfile.line_of("worker", SYSTEM="cuda")[-1].base.startswith("nvidia/cuda:")
    assert "-slim" in dockerfile.line_of("node")[-1].base


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_nobody_in_particular(dockerfile: Dockerfile, target: str) -> None:
    """A number, so that Kubernetes can see that it is not root; and root is given up again where it was needed."""
    assert dockerfile.last(target, "USER") == "10001:10001"


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_says_whether_it_is_well(dockerfile: Dockerfile, target: str) -> None:
    """By asking itself for /healthz, at the port that its environment sets."""
    environment = dockerfile.environment(target)
    port = environment["PARLEY_SIGNALING__PORT" if target == "node" else "PARLEY_PROCESS__PROBE_PORT"]
    check = dockerfile.last(target, "HEALTHCHECK")
    assert f'CMD ["probe", "http://127.0.0.1:{port}/healthz"]' in check
    assert f"{port}/tcp" in dockerfile.last(target, "EXPOSE")


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_holds_no_compiler(dockerfile: Dockerfile, target: str) -> None:
    """Nor what makes environments: that stays in the builder."""
    commands = " ".join(rest for stage in dockerfile.line_of(target) for rest in stage.all("RUN"))
    assert not re.search(
        r"\b(gcc|tcc|g\+\+|libc6-dev|build-essential|make|python3-venv|python3-pip|git|curl)\b", commands
    )
    sources = {source for stage in dockerfile.line_of(target) for origin, source in stage.copied if origin}
    assert sources == {"/opt/parley"}


def test_what_forwards_packets_is_compiled_by_the_builder(dockerfile: Dockerfile) -> None:
    """Into the environment that is copied; and the worker, which takes infra's list, leaves the compiler out."""
    assert re.search(r"\btcc\b", " ".join(dockerfile.stages["builder"].all("RUN")))
    assert "infra/native " in (ROOT / "infra" / "docker" / "install").read_text()
    listed = (ROOT / "infra" / "packages-run.txt").read_text()
    (left_out,) = re.findall(r"-e '(/\S*any\$/)d'", " ".join(dockerfile.stages["worker"].all("RUN")))
    rule = left_out.strip("/").replace("[[:space:]]", r"\s")
    kept = [line for line in listed.splitlines() if not re.search(rule, line) and not line.startswith("#")]
    assert not [line for line in kept if re.match(r"(tcc|libc6-dev)\s", line)]
    assert [line for line in listed.splitlines() if line.startswith("tcc ")]


def test_stages_that_are_named_are_there(dockerfile: Dockerfile) -> None:
    """What COPY --from names, what compose builds, and the systems that SYSTEM can be."""
    named = {origin for stage in dockerfile.stages.values() for origin, _ in stage.copied if origin}
    built = [it["build"] for it in as_written().values() if "build" in it]
    assert built
    named |= {build["target"] for build in built} | {build.get("args", {}).get("SYSTEM", "debian") for build in built}
    assert named <= set(dockerfile.stages)


def test_the_build_context_has_what_is_copied_and_little_else(dockerfile: Dockerfile) -> None:
    """Everything is kept out but what .dockerignore lets in, and of that everything is used."""
    first, *rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert first == "*"
    copied = {source for stage in dockerfile.stages.values() for origin, source in stage.copied if not origin}
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)
    assert set(PACKAGES) < copied


def test_python_packages_come_with_hashes_and_as_wheels() -> None:
    """As infra/setup installs them: nothing is compiled, nothing that was changed on its way is taken."""
    script = (ROOT / "infra" / "docker" / "install").read_text()
    assert script.count("--require-hashes") == 2
    assert "--no-build " in script
    assert "infra/requirements.lock" in script
    assert "requirements-test" not in script


def test_packages_of_the_image_are_those_of_the_project(dockerfile: Dockerfile) -> None:
    """The worker's come from infra's own list; of the node's, libopus is one of them."""
    assert "packages-run.txt" in " ".join(dockerfile.stages["worker"].all("RUN"))
    assert re.search(r"^libopus0\s", (ROOT / "infra" / "packages-run.txt").read_text(), re.MULTILINE)
    assert "libopus0" in " ".join(dockerfile.stages["base"].all("RUN"))


class _Process(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        pass


@pytest.fixture
def process() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Process) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def probe(*arguments: str) -> tuple[int, str]:
    answer = subprocess.run([sys.executable, "-IS", str(PROBE), *arguments], capture_output=True, text=True)
    return answer.returncode, answer.stderr


def test_the_probe_tells_well_from_unwell(process: str) -> None:
    """0 for an answer that is good, 1 and a word for any other, or none."""
    assert probe(f"{process}/healthz") == (0, "")
    assert probe(f"{process}/readyz") == (1, f"{process}/readyz: status 503\n")
    code, words = probe("http://127.0.0.1:1/healthz")
    assert (code, "refused" in words) == (1, True)


@pytest.mark.parametrize("arguments", [(), ("8080",), ("http://a/", "http://b/")])
def test_the_probe_is_told_one_address(arguments: tuple[str, ...]) -> None:
    """Anything else is wrong usage."""
    assert probe(*arguments)[0] == 2
