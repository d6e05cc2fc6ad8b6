"""The page's files fit together: modules, style sheets, icons, and what a browser needs to install the page."""

import gzip
import json
import re
import struct
from pathlib import Path

import pytest

from tests.web.looks.preload import PAGES, WEB, lines, modules

SHEETS = sorted((WEB / "css").glob("*.css"))

# Bytes of script that the room page may have, on their way.
MOST_SCRIPT = 150_000


def without_comments(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_all_its_modules(page: Path) -> None:
    """So that the browser asks for all at once, not for one after it has read the other."""
    there = re.findall(r"^.*modulepreload.*\n", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert there == lines(page), "python -m tests.web.looks.preload writes them"


def test_the_room_page_is_light() -> None:
    """Its scripts, as they are sent; what is loaded later on counts as well. The design page says how much it is."""
    names = {"js/main.js", *modules("main.js", with_later=True)}
    size = sum(len(gzip.compress((WEB / name).read_bytes())) for name in names)
    assert size < MOST_SCRIPT
    told = re.search(r"about (\d+) kB of script", (WEB / "README.md").read_text(encoding="utf-8"))
    assert told is not None
    assert abs(int(told.group(1)) - size / 1000) < 5, f"web/README.md says {told.group(1)} kB; it is {size / 1000:.0f}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_it_is(page: Path) -> None:
    """To browsers that install it, and to programs that show a link."""
    text = page.read_text(encoding="utf-8")
    for needed in ('name="viewport"', 'href="/assets/icon.svg"', "<title>"):
        assert needed in text, f"{page.name} lacks {needed}"
    # The overlay stands over another picture, and is light or dark like that.
    if page.stem != "overlay":
        for needed in (
            'name="color-scheme"',
            'rel="manifest"',
            'rel="apple-touch-icon"',
            'name="theme-color"',
            'property="og:title"',
        ):
            assert needed in text, f"{page.name} lacks {needed}"
    assert not re.search(r"""(?:href|src|content)="(?:https?:)?//""", text), f"{page.name} names another host"


def test_the_page_can_be_installed() -> None:
    """Each picture in the manifest is there, as large as it says; one may be cut to any shape."""
    manifest = json.loads((WEB / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert manifest["name"]
    assert manifest["start_url"] == manifest["scope"] == "/"
    pictures = [*manifest["icons"], *manifest.get("screenshots", [])]
    for picture in pictures:
        path = WEB / picture["src"].removeprefix("/assets/")
        if path.suffix == ".png":
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            assert picture["sizes"] == f"{width}x{height}"
        else:
            assert path.exists()
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_a_sheet_knows_neither_left_nor_right(sheet: Path) -> None:
    """Lines run from right to left for some: it speaks of start and end."""
    text = re.sub(r"safe-area-inset-(left|right)", "", without_comments(sheet))
    assert re.findall(r"[^\n]*(?<![\w-])(?:[\w-]+-)?(?:left|right)\b[^\n]*", text) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_a_sheet_takes_its_colours_from_the_base(sheet: Path) -> None:
    """There, or where it names its own, they are for light and dark. The overlay stands over what nobody knows."""
    if sheet.stem not in ("base", "overlay"):
        rules = re.sub(r"--[\w-]+:[^;}]*", "", without_comments(sheet))
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*[;}])|\brgba?\(|\bhsla?\(", rules) == []


def test_every_variable_is_there() -> None:
    """A name that nobody defines is no colour at all; scripts may set one, which then has a value to fall back on."""
    texts = {sheet: without_comments(sheet) for sheet in SHEETS}
    defined = {name for text in texts.values() for name in re.findall(r"(--[\w-]+)\s*:", text)}
    scripts = "".join(script.read_text(encoding="utf-8") for script in (WEB / "js").rglob("*.js"))
    defined |= set(re.findall(r"'(--[\w-]+)'", scripts))
    for sheet, text in texts.items():
        assert sorted(set(re.findall(r"var\((--[\w-]+)\)", text)) - defined) == [], sheet.name


def test_every_sheet_is_asked_for() -> None:
    """By a page; one that is not has no effect."""
    linked = {name for page in PAGES for name in re.findall(r"/assets/css/([\w.]+)", page.read_text(encoding="utf-8"))}
    assert linked == {sheet.name for sheet in SHEETS}


def test_icons_are_of_one_family() -> None:
    """Drawn on one grid with one pen; each is there that is asked for, and none for nobody."""
    sprite = (WEB / "icons.svg").read_text(encoding="utf-8")
    symbols = dict(re.findall(r'<symbol id="([\w-]+)"([^>]*)>', sprite))
    for name, attributes in symbols.items():
        if name != "mark":
            assert 'viewBox="0 0 24 24"' in attributes, name
            assert 'stroke-width="1.75"' in attributes or 'fill="currentColor"' in attributes, name
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    scripts = "".join(script.read_text(encoding="utf-8") for script in (WEB / "js").rglob("*.js"))
    assert set(re.findall(r"icons\.svg#([\w-]+)", pages)) <= symbols.keys()
    named = set(re.findall(r"\bicon\('([\w-]+)'\)", scripts))
    assert named <= symbols.keys()
    assert sorted(name for name in symbols if f"#{name}" not in pages and f"'{name}'" not in scripts) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_whole(page: Path) -> None:
    """No id stands twice, and nothing is asked for twice."""
    text = page.read_text(encoding="utf-8")
    for names in (re.findall(r'\sid="([^"]+)"', text), re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)):
        assert sorted({name for name in names if names.count(name) > 1}) == []
