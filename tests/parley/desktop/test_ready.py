"""What is missing is told before it ends the process."""

import gc
from pathlib import Path

import pytest

from parley.desktop import ready
from parley.desktop.ready import NotReadyError, check_installed, prepare_qt


def test_without_the_extra_it_says_how_to_install_it() -> None:
    """One sentence."""
    check_installed(["json"])
    with pytest.raises(NotReadyError, match=r"pip install 'parley\[desktop\]'"):
        check_installed(["json", "PySide6"], {"json": object()}.get)


# python-xlib leaves a socket behind where it reaches no display.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, "no desktop here"), ({"WAYLAND_DISPLAY": "wayland-0"}, "XWayland"), ({"DISPLAY": ":4242"}, "be reached")],
)
def test_without_a_desktop_it_says_so(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str) -> None:
    """Qt would abort."""
    monkeypatch.setenv("DISPLAY", environment.get("DISPLAY", ""))
    with pytest.raises(NotReadyError, match=words):
        prepare_qt("linux", environment)
    gc.collect()


def test_what_people_chose_is_left_alone() -> None:
    """So are other systems, which bring all that is needed."""
    chosen = {"QT_QPA_PLATFORM": "offscreen"}
    prepare_qt("linux", chosen)
    assert chosen == {"QT_QPA_PLATFORM": "offscreen"}
    prepare_qt("darwin", {})


def test_a_library_that_is_missing_is_named(tmp_path: Path) -> None:
    """With the packages to install."""
    broken = tmp_path / "libqxcb.so"
    ready._check_library(broken)
    broken.write_bytes(b"no library")
    with pytest.raises(NotReadyError, match="apt install libegl1"):
        ready._check_library(broken)
