"""The project's own source, read for the tests of its structure: files, imports, functions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("parley", "signaling", "media_server", "pipeline")


@dataclass(frozen=True)
class Function:
    """A function or method."""

    name: str
    line: int
    # Lines from `def` to its last one; the docstring, which may be long, is not counted.
    length: int


@dataclass(frozen=True)
class Source:
    """One Python file."""

    # Relative to the root.
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def module(self) -> str:
        """The dotted name."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def imports(self) -> tuple[tuple[int, str], ...]:
        """Line and dotted name of everything imported, also inside functions."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[tuple[int, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(filter(None, [*self._package(node.level), node.module]))
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    @property
    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(node.name, node.lineno, _length(node))

    def _package(self, level: int) -> tuple[str, ...]:
        return self.path.parts[:-level] if level else ()


def sources(*folders: str) -> list[Source]:
    """Every Python file of these folders, without caches."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [_read(path) for path in sorted(paths)]


@cache
def _read(path: Path) -> Source:
    """Read a file once for all tests: it is parsed once, too."""
    return Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))


def is_in(name: str, packages: tuple[str, ...]) -> bool:
    """Say whether a dotted name is one of these packages or lies in one."""
    return any(name == package or name.startswith(package + ".") for package in packages)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    length = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        length -= first.end_lineno - first.lineno + 1
    return length
