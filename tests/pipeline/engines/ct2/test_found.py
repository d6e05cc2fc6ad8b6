"""Which models are in a folder."""

from pathlib import Path

import pytest

from pipeline.engines.ct2.found import BESIDE, FoundModel, find_models
from pipeline.engines.options.ctranslate2 import CTranslate2Options


def made(folder: Path, *words: str, pieces: str = "sentencepiece.model") -> Path:
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"")
    quoted = ", ".join(f'"{word}"' for word in words)
    (folder / "shared_vocabulary.json").write_text(f"[{quoted}]")
    if pieces:
        (folder / pieces).write_bytes(b"")
    return folder


def found(folder: Path, **options: object) -> list[FoundModel]:
    return find_models(folder, CTranslate2Options(**options))  # type: ignore[arg-type]


def test_models_are_found_by_their_files(tmp_path: Path) -> None:
    """In a folder of folders, or the folder itself; other engines' models are passed over."""
    made(tmp_path / "b", "eng_Latn", "spa_Latn")
    made(tmp_path / "a", "__en__", "__de__")
    made(tmp_path / "whisper", "a", pieces="")
    (tmp_path / "empty").mkdir()
    assert [(model.name, model.tongues.family) for model in found(tmp_path)] == [("a", "m2m100"), ("b", "nllb")]
    (alone,) = found(tmp_path / "b")
    assert alone.pairs == {("en", "es"), ("es", "en")}


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("opus-mt-en-es", ("en", "es")),
        ("opus-mt-tc-big-en-pt", ("en", "pt")),
        ("opus-mt-de-en-ct2-int8", ("de", "en")),
        ("en-fr", ("en", "fr")),
        ("opus-mt-en-tl", ("en", "fil")),
    ],
)
def test_an_opus_models_pair_is_in_its_name(tmp_path: Path, name: str, pair: tuple[str, str]) -> None:
    """As Helsinki names them."""
    made(tmp_path / name, "a")
    assert found(tmp_path)[0].pairs == {pair}


def test_what_the_name_does_not_say_stands_beside_it(tmp_path: Path) -> None:
    """In a small file."""
    folder = made(tmp_path / "mine", "a")
    assert not found(tmp_path), "nobody knows what it translates"
    (folder / BESIDE).write_text('source = "cs"\ntarget = "sk"\nlicence = "CC-BY-4.0"\n')
    (model,) = found(tmp_path)
    assert model.pairs == {("cs", "sk")}
    assert model.licence == "CC-BY-4.0"


def test_a_group_has_the_targets_of_its_tokens(tmp_path: Path) -> None:
    """And the source of its name."""
    made(tmp_path / "opus-mt-en-ROMANCE", ">>spa<<", ">>fra<<", "a")
    assert found(tmp_path)[0].pairs == {("en", "es"), ("en", "fr")}


def test_a_text_vocabulary_is_read_as_well(tmp_path: Path) -> None:
    """Older converters wrote one word a line."""
    folder = made(tmp_path / "m", "x")
    (folder / "shared_vocabulary.json").unlink()
    (folder / "shared_vocabulary.txt").write_text("__en__\n__de__\n")
    assert found(tmp_path)[0].pairs == {("en", "de"), ("de", "en")}


@pytest.mark.parametrize("broken", ["shared_vocabulary.json", "config.json", BESIDE])
def test_a_broken_model_costs_only_itself(tmp_path: Path, broken: str) -> None:
    """The others are found."""
    made(tmp_path / "en-es", "a")
    (made(tmp_path / "en-fr", "a") / broken).write_text("{ no")
    assert [model.name for model in found(tmp_path)] == ["en-es"]


def test_the_config_says_who_adds_the_end(tmp_path: Path) -> None:
    """Some converters let the model do it."""
    (made(tmp_path / "en-es", "a") / "config.json").write_text('{"add_source_eos": true}')
    assert found(tmp_path)[0].adds_end
