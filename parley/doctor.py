"""The doctor: looks at what Parley needs on this machine, and says what to do about each thing missing."""

import contextlib
import importlib.metadata
import ipaddress
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from media_server.rtc import native
from parley import reach, redis_report
from parley.engine_report import EngineReport, engine_reports
from parley.entrance import entrance
from parley.finding import Finding, State
from parley.settings import Settings
from pipeline.messages.worker_status import Stage

OLDEST_PYTHON = (3, 11)
SET_UP = "run `make run`, which installs it"

# Programs of the system that offline engines start, and the Debian package of each.
PROGRAMS = {"espeak-ng": "espeak-ng", "apertium": "apertium"}

# Encoders under the GPL that PyAV's wheel carries; Parley handles sound only and calls neither.
GPL_ENCODERS = ("libx264", "libx265")

_MARKS: dict[State, tuple[str, str]] = {
    "ok": ("ok     ", "32"),
    "warn": ("warn   ", "33"),
    "missing": ("MISSING", "31"),
}

Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings) -> list[Finding]:
    """Make every check, in about 1 s. Nothing is changed; ports are tried and let go again."""
    findings = [finding for check in CHECKS for finding in check(settings)]
    return [*findings, *engines(engine_reports(settings.engines))]


def can_run(findings: Sequence[Finding]) -> bool:
    """Say whether nothing that is needed is missing."""
    return all(finding.state != "missing" for finding in findings)


def render(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Write findings for people: a line each, and the remedy under it."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = []
    for finding in findings:
        mark, code = _MARKS[finding.state]
        lines.append(f"{_coloured(mark, code) if colour else mark}  {finding.name:{width}}  {finding.detail}")
        if finding.remedy:
            lines.append(f"{'':7}  {'':{width}}  -> {finding.remedy}")
    return "\n".join(lines)


def python(_settings: Settings) -> Iterator[Finding]:
    """Look at the Python that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        yield Finding("Python", "ok", version)
    else:
        yield Finding("Python", "missing", f"{version} is too old", "install Python 3.11 or newer, and run `make run`")


def packages(_settings: Settings) -> Iterator[Finding]:
    """Look for the packages that Parley requires, and at the versions of those pinned exactly."""
    required = [
        Requirement.read(line) for line in importlib.metadata.requires("parley") or () if "extra ==" not in line
    ]
    missing = sorted({each.name for each in required if each.installed is None})
    if missing:
        yield Finding("packages", "missing", f"not installed: {', '.join(missing)}", SET_UP)
    else:
        yield Finding("packages", "ok", f"all {len({each.name for each in required})} are installed")
    for each in required:
        if each.pin and each.installed and each.installed != each.pin:
            yield Finding(each.name, "missing", f"{each.installed}, but Parley fits {each.pin} only", SET_UP)
        elif each.pin and each.installed:
            yield Finding(each.name, "ok", f"{each.installed}, as pinned")


class Requirement:
    """One requirement of the installed project: a name, and its version if that is pinned exactly."""

    def __init__(self, name: str, pin: str | None) -> None:
        self.name = name
        self.pin = pin

    @classmethod
    def read(cls, line: str) -> "Requirement":
        """Read a line of the metadata, such as `aiortc==1.16.0`."""
        name = re.match(r"[\w.-]+", line)
        pin = re.search(r"==\s*([\w.]+)", line.partition(";")[0])
        return cls(name.group() if name else line, pin.group(1) if pin else None)

    @property
    def installed(self) -> str | None:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(self.name)
        return None


def speech_model(_settings: Settings) -> Iterator[Finding]:
    """Look for the model that tells speech from noise."""
    from media_server.analysis.silero import model_files

    files = model_files()
    if files:
        yield Finding("speech model", "ok", f"Silero's {files[0].name} (MIT)")
    else:
        yield Finding("speech model", "warn", "not found; more noise will be taken for speech", SET_UP)


def bundled_codecs(_settings: Settings) -> Iterator[Finding]:
    """Tell of GPL code that comes along inside PyAV's wheel, by the files that it brought."""
    try:
        files = importlib.metadata.files("av") or ()
    except importlib.metadata.PackageNotFoundError:
        return
    found = [name for name in GPL_ENCODERS if any(file.name.startswith(name) for file in files)]
    detail = f"carries {' and '.join(found)} (GPL), which Parley never calls" if found else "carries no GPL encoder"
    yield Finding("PyAV's codecs", "ok", detail)


def forwarding(_settings: Settings) -> Iterator[Finding]:
    """Say whether packets are forwarded by compiled code."""
    if native.library().exists():
        yield Finding("forwarding", "ok", "compiled")
    else:
        detail = "not compiled; in Python a packet costs some three times as much"
        yield Finding(
            "forwarding", "warn", detail, "install a C compiler (Debian: tcc and libc6-dev), run infra/native"
        )


def programs(_settings: Settings) -> Iterator[Finding]:
    """Look for the system's programs that offline engines start."""
    for program, package in PROGRAMS.items():
        path = shutil.which(program)
        if path:
            yield Finding(program, "ok", path)
        else:
            yield Finding(program, "warn", "not installed", f"apt-get install {package}")


def http_port(settings: Settings) -> Iterator[Finding]:
    """Try the port of the page."""
    host, port = settings.signaling.host, settings.signaling.port
    yield _port("HTTP port", socket.SOCK_STREAM, host, port, "--port")


def media_port(settings: Settings) -> Iterator[Finding]:
    """Try the port of all sound."""
    yield _port("media port (UDP)", socket.SOCK_DGRAM, settings.rtc.host or "", settings.rtc.port, "--media-port")


def microphone(settings: Settings) -> Iterator[Finding]:
    """Say where browsers will give the page a microphone: on secure origins only."""
    host = settings.signaling.host
    if is_loopback(host):
        yield Finding("microphones", "ok", "browsers on this machine give theirs; for others, put HTTPS in front")
    else:
        detail = f"the page is served on {host} without HTTPS; browsers of other machines will not give a microphone"
        yield Finding(
            "microphones", "warn", detail, "put a proxy that speaks HTTPS in front (people can listen without)"
        )


def engines(reports: Sequence[EngineReport]) -> Iterator[Finding]:
    """Tell of each engine, and of stages for which none works."""
    for report in reports:
        name = f"{report.stage}: {report.name}"
        if report.works:
            licences = f"licence {report.licence}, of its data {report.model_licence}"
            yield Finding(name, "ok", f"{report.summary} ({report.where}; {licences})")
        else:
            yield Finding(name, "warn", report.why, report.remedy)
    for stage in get_args(Stage):
        if not any(report.works for report in reports if report.stage == stage):
            remedy = "set up one of the engines above; until then people hear each other untranslated"
            yield Finding(stage, "missing", "no engine for it works here", remedy)


CHECKS: tuple[Check, ...] = (
    python,
    packages,
    speech_model,
    bundled_codecs,
    forwarding,
    programs,
    http_port,
    entrance,
    media_port,
    reach.addresses,
    reach.relay,
    redis_report.redis,
    microphone,
)


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a host's name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _port(name: str, kind: socket.SocketKind, host: str, port: int, flag: str) -> Finding:
    if port == 0:
        return Finding(name, "ok", "any that is free")
    where = f"{host or 'every interface'}, port {port}"
    try:
        family = socket.getaddrinfo(host or "0.0.0.0", port, type=kind)[0][0]  # noqa: S104 - tried, not served
        with socket.socket(family, kind) as tried:
            if kind == socket.SOCK_STREAM:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            tried.bind((host, port))
    except OSError as error:
        remedy = f"stop what uses it (Parley itself, if it runs now), or choose another with {flag}"
        return Finding(name, "missing", f"{where}: {error.strerror}", remedy)
    return Finding(name, "ok", f"{where} is free")


def _coloured(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"
