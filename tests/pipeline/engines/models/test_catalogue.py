"""The catalogue of models."""

import re

import pytest

from pipeline.engines.models.catalogue import catalogue, model_named, parse

ENTRY = """
[[model]]
name = "a"
aliases = ["b"]
engine = "e"
repo = "o/r"
licence = "MIT"
megabytes = 1
about = ""
files = [{ path = "sub dir/model.bin" }]
"""


def test_the_sizes_that_people_know_are_there() -> None:
    """By their own names, by those of old, and by their repositories."""
    for name in ("tiny", "base", "small", "medium", "large-v3", "turbo", "distil-large-v3"):
        model = model_named(name)
        assert model is not None, name
        assert model.engine == "faster_whisper"
    assert model_named("Systran/faster-whisper-small") is model_named("small")
    assert model_named("nowhere") is None


def test_every_engine_that_loads_models_has_some() -> None:
    """With a licence and a size each."""
    assert {model.engine for model in catalogue()} == {"faster_whisper", "ctranslate2", "coqui", "piper"}
    assert all(model.licence and model.megabytes > 0 and model.about for model in catalogue())


def test_whisper_is_pinned_to_a_commit_and_to_checksums() -> None:
    """Nothing of it is taken on trust."""
    for model in catalogue():
        if model.engine == "faster_whisper":
            assert re.fullmatch(r"[0-9a-f]{40}", model.revision), model.name
            assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) and file.size for file in model.files), model.name


def test_no_name_leaves_the_models_folder() -> None:
    """Names become names of files."""
    for model in catalogue():
        for name in (model.name, *(file.name for file in model.files)):
            assert re.fullmatch(r"[A-Za-z0-9._-]+", name), name
            assert not name.startswith("."), name


def test_a_piper_voice_is_spelled_out() -> None:
    """Where it lies in its repository, and its names here."""
    voice = model_named("es_ES-davefx-medium")
    assert voice is not None
    assert voice.url("https://h/", voice.files[0]) == (
        "https://h/rhasspy/piper-voices/resolve/v1.0.0/es/es_ES/davefx/medium/es_ES-davefx-medium.onnx"
    )
    assert [file.name for file in voice.files] == [
        "es_ES-davefx-medium.onnx", "es_ES-davefx-medium.onnx.json", "MODEL_CARD",
    ]  # fmt: skip


def test_an_address_names_revision_and_path() -> None:
    """Quoted, as the Hub's are."""
    (model,) = parse(ENTRY)
    assert model.url("https://h", model.files[0]) == "https://h/o/r/resolve/main/sub%20dir/model.bin"
    assert model.url("https://h", model.files[0], "abc").startswith("https://h/o/r/resolve/abc/")


@pytest.mark.parametrize(
    "text", [ENTRY + ENTRY.replace('"a"', '"c"'), ENTRY.replace('{ path = "sub dir/model.bin" }', "")]
)
def test_a_catalogue_that_contradicts_itself_is_refused(text: str) -> None:
    """Two of one name, or nothing to pull."""
    with pytest.raises(ValueError, match="no files, or a name"):
        parse(text)
