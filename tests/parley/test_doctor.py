"""The doctor: each check with what it finds when all is well, and when something is missing."""

import importlib.metadata
import shutil
import socket
import sys
from pathlib import Path

import pytest

from media_server.analysis import silero
from media_server.rtc.settings import RtcSettings
from parley import doctor
from parley.doctor import Requirement, can_run, is_loopback, render
from parley.engine_report import EngineReport
from parley.finding import Finding
from parley.settings import Settings
from signaling.settings import SignalingSettings

SETTINGS = Settings()


def test_this_python_is_new_enough() -> None:
    """The tests run on one that is."""
    [finding] = doctor.python(SETTINGS)
    assert finding.state == "ok"


def test_an_old_python_is_missing_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy names the oldest that does."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    [finding] = doctor.python(SETTINGS)
    assert finding.state == "missing"
    assert "3.11" in finding.remedy


def test_packages_and_pins_are_as_required() -> None:
    """Those of aiortc and aioice are told with versions, as their private names are used."""
    findings = {finding.name: finding for finding in doctor.packages(SETTINGS)}
    assert findings["packages"].state == "ok"
    assert findings["aiortc"].detail.endswith("as pinned")
    assert findings["aioice"].state == "ok"


def test_a_package_that_is_not_installed_or_not_as_pinned_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is named."""
    lines = ["no-such-package>=1", "numpy==0.1", 'coqui-tts>=1; extra == "coqui"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: lines)
    packages, numpy = doctor.packages(SETTINGS)
    assert (packages.state, packages.detail) == ("missing", "not installed: no-such-package")
    assert (numpy.name, numpy.state) == ("numpy", "missing")


@pytest.mark.parametrize(
    ("line", "name", "pin"),
    [
        ("aiortc==1.16.0", "aiortc", "1.16.0"),
        ("av<20,>=14", "av", None),
        ("pocketsphinx<5.1; python_version == '3.12'", "pocketsphinx", None),
        ("webrtcvad-wheels>=2", "webrtcvad-wheels", None),
    ],
)
def test_a_requirement_is_read(line: str, name: str, pin: str | None) -> None:
    """A marker's == is not a pin."""
    requirement = Requirement.read(line)
    assert (requirement.name, requirement.pin) == (name, pin)


def test_the_speech_model_is_found() -> None:
    """It comes with the installation."""
    [finding] = doctor.speech_model(SETTINGS)
    assert finding.state == "ok"


def test_without_the_speech_model_there_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parley runs without, with the other detector alone."""
    monkeypatch.setattr(silero, "model_files", list)
    [finding] = doctor.speech_model(SETTINGS)
    assert finding.state == "warn"


def test_gpl_code_in_pyavs_wheel_is_told() -> None:
    """It is there, and never called."""
    [finding] = doctor.bundled_codecs(SETTINGS)
    assert "libx264 and libx265 (GPL), which Parley never calls" in finding.detail


def test_what_is_not_compiled_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Parley forwards without; the remedy says what to install."""
    library = tmp_path / "lanes-0.so"
    monkeypatch.setattr("media_server.rtc.native.library", lambda: library)
    [finding] = doctor.forwarding(SETTINGS)
    assert (finding.state, "tcc" in finding.remedy) == ("warn", True)
    library.touch()
    [finding] = doctor.forwarding(SETTINGS)
    assert (finding.state, finding.remedy) == ("ok", "")


def test_a_missing_program_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy can be typed."""
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "apertium" else f"/usr/bin/{name}")
    espeak, apertium = doctor.programs(SETTINGS)
    assert espeak.state == "ok"
    assert (apertium.state, apertium.remedy) == ("warn", "apt-get install apertium")


def test_a_free_port_is_ok_and_a_taken_one_is_missing() -> None:
    """Both kinds: TCP of the page, UDP of the sound."""
    with socket.create_server(("127.0.0.1", 0)) as page, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sound:
        sound.bind(("127.0.0.1", 0))
        http, media = page.getsockname()[1], sound.getsockname()[1]
        settings = Settings(signaling=SignalingSettings(port=http), rtc=RtcSettings(host="127.0.0.1", port=media))
        taken = [*doctor.http_port(settings), *doctor.media_port(settings)]
    free = [*doctor.http_port(settings), *doctor.media_port(settings)]
    assert [finding.state for finding in taken] == ["missing", "missing"]
    assert "--port" in taken[0].remedy
    assert "--media-port" in taken[1].remedy
    assert [finding.state for finding in free] == ["ok", "ok"]


def test_any_port_is_always_free() -> None:
    """Port 0 lets the system choose."""
    [finding] = doctor.media_port(Settings(rtc=RtcSettings(port=0)))
    assert finding.detail == "any that is free"


def test_an_address_of_another_machine_is_missing() -> None:
    """What cannot be bound is said before it fails."""
    [finding] = doctor.http_port(Settings(signaling=SignalingSettings(host="192.0.2.1")))
    assert finding.state == "missing"


def test_a_page_for_other_machines_needs_https_for_microphones() -> None:
    """Browsers give microphones to secure origins only."""
    [here] = doctor.microphone(SETTINGS)
    [everywhere] = doctor.microphone(Settings(signaling=SignalingSettings(host="0.0.0.0")))  # noqa: S104
    assert here.state == "ok"
    assert (everywhere.state, "HTTPS" in everywhere.remedy) == ("warn", True)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("parley.example", False)],  # noqa: S104
)
def test_loopback_is_told_from_the_rest(host: str, loopback: bool) -> None:
    """Names other than localhost may be anybody's."""
    assert is_loopback(host) is loopback


def test_engines_are_told_with_licences_and_empty_stages_are_missing() -> None:
    """An engine that does not work is a warning; a stage without any is what is missing."""
    reports = [
        EngineReport(
            "a", "recognition", True, licence="MIT", model_licence="BSD", where="in process", languages=("en",)
        ),
        EngineReport("b", "recognition", False, why="no key", remedy="set one"),
        EngineReport("c", "synthesis", False, why="no program", remedy="install it"),
    ]
    findings = {finding.name: finding for finding in doctor.engines(reports)}
    assert findings["recognition: a"].state == "ok"
    assert "licence MIT, of its data BSD" in findings["recognition: a"].detail
    assert (findings["recognition: b"].state, findings["recognition: b"].remedy) == ("warn", "set one")
    assert findings["synthesis"].state == "missing"
    assert findings["translation"].state == "missing"
    assert "recognition" not in findings


def test_parley_can_run_unless_something_needed_is_missing() -> None:
    """Warnings do not count."""
    assert can_run([Finding("a", "ok", ""), Finding("b", "warn", "")])
    assert not can_run([Finding("a", "missing", "")])


def test_findings_are_lines_with_the_remedy_below() -> None:
    """Plain where the output is no terminal."""
    text = render([Finding("apertium", "warn", "not installed", "apt-get install apertium"), Finding("a", "ok", "x")])
    first, second, third = text.splitlines()
    assert first == "warn     apertium  not installed"
    assert second.strip() == "-> apt-get install apertium"
    assert third == "ok       a         x"


def test_findings_are_coloured_where_asked() -> None:
    """Red for what is missing."""
    assert "\x1b[31mMISSING" in render([Finding("a", "missing", "")], colour=True)


def test_an_examination_makes_every_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """All checks and the engines are in the report."""
    monkeypatch.setattr(doctor, "engine_reports", lambda _settings: [])
    names = {finding.name for finding in doctor.examine(Settings(signaling=SignalingSettings(port=0)))}
    assert {"Python", "packages", "aiortc", "PyAV's codecs", "HTTP port", "microphones", "translation"} <= names
