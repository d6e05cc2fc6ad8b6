"""The shape of the project: a test module for every module, small files and functions, a design page per package."""

from pathlib import Path

import pytest

from tests.support.source_tree import PACKAGES, ROOT, sources

# Modules without logic of their own.
NEED_NO_TEST = {"__init__", "__main__"}

MOST_LINES_OF_FILE = 400
MOST_LINES_OF_FUNCTION = 60

# The folders of the design, each with a page about itself.
WITH_README = (*PACKAGES, "web", "infra", "tests")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_its_test_module(package: str) -> None:
    """pkg/a/b.py is tested by tests/pkg/a/test_b.py."""
    modules = [source.path for source in sources(package) if source.path.stem not in NEED_NO_TEST]
    expected = {module: Path("tests", module.parent, f"test_{module.name}") for module in modules}
    missing = [f"{module} has no {test}" for module, test in expected.items() if not (ROOT / test).exists()]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_test_module_has_its_module(package: str) -> None:
    """A test module that lost its module goes, or moves."""
    tests = [source.path for source in sources(f"tests/{package}") if source.path.name.startswith("test_")]
    expected = {test: Path(*test.parent.parts[1:], test.name.removeprefix("test_")) for test in tests}
    lost = [f"{test}: there is no {module}" for test, module in expected.items() if not (ROOT / module).exists()]
    assert not lost, "\n".join(lost)


def test_files_stay_small() -> None:
    """A file holds one noun."""
    long = [
        f"{source.path} has {source.lines} lines (at most {MOST_LINES_OF_FILE}); which second noun can move out?"
        for source in sources(*PACKAGES, "tests")
        if source.lines > MOST_LINES_OF_FILE
    ]
    assert not long, "\n".join(long)


def test_functions_stay_small() -> None:
    """A function does one thing; docstrings are not counted."""
    long = [
        f"{source.path}:{function.line} {function.name} has {function.length} lines (at most {MOST_LINES_OF_FUNCTION})"
        for source in sources(*PACKAGES, "tests")
        for function in source.functions
        if function.length > MOST_LINES_OF_FUNCTION
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("folder", WITH_README)
def test_every_package_tells_its_design(folder: str) -> None:
    """A package's design page is the README.md inside it."""
    readme = ROOT / folder / "README.md"
    assert readme.exists(), f"{folder}/README.md is missing"
    assert readme.read_text(encoding="utf-8").startswith("# "), f"{folder}/README.md has no title"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_code_is_a_package(package: str) -> None:
    """No folder is forgotten by the build."""
    folders = {source.path.parent for source in sources(package, f"tests/{package}")}
    lost = [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()]
    assert not lost, f"without __init__.py: {', '.join(lost)}"


def test_the_page_stays_small_as_well() -> None:
    """The page's own modules follow the same limit."""
    scripts = [path for path in (ROOT / "web").rglob("*.js") if "vendor" not in path.parts]
    long = [path.name for path in scripts if path.read_text(encoding="utf-8").count("\n") > MOST_LINES_OF_FILE]
    assert not long, f"more than {MOST_LINES_OF_FILE} lines: {', '.join(long)}"
