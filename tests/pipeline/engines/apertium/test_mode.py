"""Apertium's mode files."""

from pathlib import Path

import pytest

from pipeline.engines.apertium.mode import Mode, commands_of, installed_modes, modes_folder, pair

TEXT = "lt-proc -w '/x/a b.bin' | apertium-tagger -g $2 '/x/t.prob' | lt-proc $1 '/x/g.bin' | apertium-pretransfer\n"


def test_a_mode_is_taken_apart_without_a_shell() -> None:
    """Programs flush at NUL, unknown words are not marked, and quoted paths stay whole."""
    assert commands_of(TEXT) == (
        ("lt-proc", "-z", "-w", "/x/a b.bin"),
        ("apertium-tagger", "-z", "-g", "/x/t.prob"),
        ("lt-proc", "-z", "-n", "/x/g.bin"),
        ("apertium-pretransfer", "-z"),
    )


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("eng-spa", ("en", "es")),
        ("es-pt_BR", ("es", "pt-BR")),
        ("spa-eng_US", ("es", "en-US")),
        ("eng-cat_valencia", ("en", "ca-valencia")),
        ("eco-es-fr", None),
        ("eng-cat_iec2017", None),
        ("eng-eng_US", None),
        ("nonsense", None),
    ],
)
def test_names_become_tags(name: str, languages: tuple[str, str] | None) -> None:
    """ISO 639 in two or three letters, with a region or a variant; what is no pair of languages is passed over."""
    assert pair(name) == languages


def test_modes_are_read_from_a_folder(tmp_path: Path) -> None:
    """In alphabetical order; empty files and other files are no modes."""
    (tmp_path / "spa-eng.mode").write_text("cat")
    (tmp_path / "eng-spa.mode").write_text("cat | rev")
    (tmp_path / "eng-cat.mode").write_text("")
    (tmp_path / "README").write_text("hello")
    assert list(installed_modes(tmp_path)) == [
        Mode("eng-spa", "en", "es", (("cat", "-z"), ("rev", "-z"))),
        Mode("spa-eng", "es", "en", (("cat", "-z"),)),
    ]


def test_no_folder_is_no_modes(tmp_path: Path) -> None:
    """Where Apertium is not installed there is nothing to find."""
    assert list(installed_modes(tmp_path / "nowhere")) == []


def test_the_folder_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same variable as the program apertium."""
    monkeypatch.setenv("APERTIUM_DATADIR", "/opt/apertium")
    assert modes_folder() == Path("/opt/apertium/modes")
