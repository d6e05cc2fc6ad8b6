"""The page's words: the same in every language, and all of them there."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

WEB = Path(str(files("web")))
LANGUAGES = ("en", "es")


def strings(language: str) -> dict[str, str]:
    read: dict[str, str] = json.loads((WEB / "strings" / f"{language}.json").read_text(encoding="utf-8"))
    return read


def used() -> set[str]:
    """Give the keys that pages and scripts name outright."""
    scripts = [script.read_text(encoding="utf-8") for script in WEB.rglob("*.js")]
    pages = [page.read_text(encoding="utf-8") for page in WEB.glob("*.html")]
    in_pages = {key for page in pages for key in re.findall(r'data-string(?:-\w+)?="([\w.]+)"', page)}
    return in_pages | {key for script in scripts for key in re.findall(r"'([a-z]+\.[a-z_]+)'", script)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_there(language: str) -> None:
    """Nothing that the page wants to say is missing."""
    assert sorted(used() - strings(language).keys()) == []


def test_languages_say_the_same_things() -> None:
    """With the same values to fill in."""
    english, spanish = strings("en"), strings("es")
    assert english.keys() == spanish.keys()
    for key in english:
        assert set(re.findall(r"\{\w+\}", english[key])) == set(re.findall(r"\{\w+\}", spanish[key])), key


def test_nothing_is_there_for_nobody() -> None:
    """Each string is used: by name, or as one of a family that a script picks from."""
    families = ("microphone.", "ended.", "notice.")
    unused = {key for key in strings("en").keys() - used() if not key.startswith(families)}
    assert sorted(unused) == []
