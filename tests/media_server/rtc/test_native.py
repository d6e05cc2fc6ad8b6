"""What Python and `lanes.c` share, and the compiled functions."""

import shutil
import subprocess
from pathlib import Path

import pytest
import structlog

from media_server.rtc import native
from tests.support.source_tree import ROOT

SOURCES = ROOT / "media_server" / "rtc"
COMPILERS = [name for name in ("gcc", "clang", "tcc") if shutil.which(name)]


def copied(folder: Path) -> Path:
    for name in ("lanes.h", "lanes.c"):
        shutil.copy(SOURCES / name, folder)
    return folder


def compiled(folder: Path, compiler: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "infra" / "native", folder],
        env={"CC": compiler, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("compiler", COMPILERS)
def test_any_compiler_will_do(tmp_path: Path, compiler: str) -> None:
    """The library is found by the sources' digest, and takes libsrtp's function and the limits."""
    assert compiled(copied(tmp_path), compiler).returncode == 0
    path = native.library(tmp_path)
    assert path.exists()
    assert native.load(protect=0, max_dropout=3000, max_drift_s=5.0, path=path) is not None


def test_it_compiles_without_a_warning(tmp_path: Path) -> None:
    """Of a strict compiler, sign and width conversions included."""
    if "gcc" not in COMPILERS:
        pytest.skip("gcc is not installed")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-c", "-o", str(tmp_path / "o")]
    done = subprocess.run(["gcc", *flags, SOURCES / "lanes.c"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not COMPILERS, reason="no C compiler is installed")
def test_a_library_of_other_sources_is_not_used(tmp_path: Path) -> None:
    """It is not even looked at, and taken away when the sources are compiled again."""
    compiled(copied(tmp_path), COMPILERS[0])
    old = native.library(tmp_path)
    with (tmp_path / "lanes.c").open("a") as file:
        file.write("/* another */\n")
    assert native.library(tmp_path) != old
    compiled(tmp_path, COMPILERS[0])
    assert list(tmp_path.glob("lanes-*.so*")) == [native.library(tmp_path)]


@pytest.mark.skipif(not COMPILERS, reason="no C compiler is installed")
def test_sources_that_do_not_compile_leave_nothing_behind(tmp_path: Path) -> None:
    """It says so, and whoever called goes on without it."""
    (copied(tmp_path) / "lanes.c").write_text("this is no C\n")
    done = compiled(tmp_path, COMPILERS[0])
    assert done.returncode == 1
    assert "could not compile lanes.c" in done.stderr
    assert not list(tmp_path.glob("*.so*"))


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path) -> None:
    """And ends with 1."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("bash", "dirname", "cat", "sha256sum", "cut", "rm", "mktemp"):
        (folder / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        [ROOT / "infra" / "native", copied(tmp_path)], env={"PATH": str(folder)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "no C compiler" in done.stderr
    assert "tcc" in done.stderr


def test_without_the_library_parley_says_so_and_goes_on(tmp_path: Path) -> None:
    """None, and one line; the same, as a warning, where there is one that cannot be loaded."""
    with structlog.testing.capture_logs() as logs:
        path = tmp_path / "lanes-0.so"
        assert native.load(protect=0, max_dropout=1, max_drift_s=1.0, path=path) is None
        path.write_bytes(b"\x7fELF, but no more")
        assert native.load(protect=0, max_dropout=1, max_drift_s=1.0, path=path) is None
    assert [log["event"] for log in logs] == ["native_forwarding_missing", "native_forwarding_failed"]
