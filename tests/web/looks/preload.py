"""The modules that a page needs. `python -m tests.web.looks.preload` writes them into the pages' heads."""

import re
from pathlib import Path

from tests.support.source_tree import ROOT

WEB = ROOT / "web"
PAGES = sorted(WEB.glob("*.html"))

_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from '(\.[^']+)';""", re.MULTILINE)
_LATER = re.compile(r"""\bimport\('(\.[^']+)'\)""")
_LINE = re.compile(r'^  <link rel="modulepreload"[^>]*>\n', re.MULTILINE)


def entry_of(page: Path) -> str:
    """Give the name of a page's script."""
    found = re.search(r'<script type="module" src="/assets/js/([\w.]+)">', page.read_text(encoding="utf-8"))
    assert found is not None, f"{page.name} has no script"
    return found.group(1)


def modules(entry: str, *, with_later: bool = False) -> list[str]:
    """Give what an entry imports, near and far, without itself; `with_later`: what is loaded when it is needed, too."""
    found: dict[Path, None] = {}
    waiting = [WEB / "js" / entry]
    while waiting:
        module = waiting.pop()
        text = module.read_text(encoding="utf-8")
        names = _IMPORT.findall(text) + (_LATER.findall(text) if with_later else [])
        for path in ((module.parent / name).resolve() for name in names):
            if path not in found:
                found[path] = None
                waiting.append(path)
    return sorted(str(path.relative_to(WEB)) for path in found)


def lines(page: Path) -> list[str]:
    """Give the lines that a page's head should have."""
    return [f'  <link rel="modulepreload" href="/assets/{module}">\n' for module in modules(entry_of(page))]


def write(page: Path) -> None:
    """Put them before the page's script, in the place of those that are there."""
    text = _LINE.sub("", page.read_text(encoding="utf-8"))
    script = f'  <script type="module" src="/assets/js/{entry_of(page)}">'
    page.write_text(text.replace(script, "".join(lines(page)) + script, 1), encoding="utf-8")


if __name__ == "__main__":
    for each in PAGES:
        write(each)
