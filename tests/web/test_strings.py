"""The page's words: the same in every language, and all of them there."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

WEB = Path(str(files("web")))
LANGUAGES = ("en", "es")
# What Intl.PluralRules tells apart in the languages of the page; `other` is always there.
FORMS = re.compile(r"_(zero|one|two|few|many|other)$")
# Families of which scripts pick one by a name that they make up.
FAMILIES = ("microphone.", "ended.", "notice.")


def strings(language: str) -> dict[str, str]:
    read: dict[str, str] = json.loads((WEB / "strings" / f"{language}.json").read_text(encoding="utf-8"))
    return read


def messages(language: str) -> dict[str, set[str]]:
    """Give what the page can say, with the values that it fills in; the forms of a plural are one message."""
    all_strings = strings(language)
    found: dict[str, set[str]] = {}
    for key, text in all_strings.items():
        name = FORMS.sub("", key) if f"{FORMS.sub('', key)}_other" in all_strings else key
        found.setdefault(name, set()).update(re.findall(r"\{\w+\}", text))
    return found


def used() -> set[str]:
    """Give the keys that pages and scripts name outright."""
    scripts = [script.read_text(encoding="utf-8") for script in WEB.rglob("*.js")]
    pages = [page.read_text(encoding="utf-8") for page in WEB.glob("*.html")]
    in_pages = {key for page in pages for key in re.findall(r'data-string(?:-\w+)?="([\w.]+)"', page)}
    return in_pages | {key for script in scripts for key in re.findall(r"'([a-z]+\.[a-z_]+)'", script)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_there(language: str) -> None:
    """Nothing that the page wants to say is missing."""
    there = strings(language).keys() | messages(language).keys()
    assert sorted(used() - there) == []


def test_languages_say_the_same_things() -> None:
    """With the same values to fill in."""
    assert messages("en") == messages("es")


def test_nothing_is_there_for_nobody() -> None:
    """Each string is used: by name, or as one of a family that a script picks from."""
    unused = {name for name in messages("en").keys() - used() if not name.startswith(FAMILIES)}
    assert sorted(unused) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_in_order(language: str) -> None:
    """No key stands twice, no text is empty or has blanks at its ends, and typing is as in print."""
    pairs = json.loads((WEB / "strings" / f"{language}.json").read_text(encoding="utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []
    wrong = [key for key, text in pairs if not text or text != text.strip() or "..." in text or "  " in text]
    assert wrong == []


def test_spanish_opens_what_it_closes() -> None:
    """Questions and exclamations have a sign at both ends."""
    for key, text in strings("es").items():
        assert text.count("?") - text.count("?relay") == text.count("¿"), key
        assert text.count("!") == text.count("¡"), key
