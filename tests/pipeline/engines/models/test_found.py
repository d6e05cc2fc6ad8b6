"""Finding models on this machine."""

from pathlib import Path

import pytest

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.models.catalogue import model_named
from pipeline.engines.models.found import missing_bytes, path_of, place_of
from pipeline.engines.models.lock import Lock, LockedFile


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is in the user's own caches."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)


def fill(folder: Path, name: str, *, size: int | None = None) -> None:
    """Put a model's files there, as large as they should be: holes, which take no room."""
    model = model_named(name)
    assert model is not None
    folder.mkdir(parents=True)
    for file in model.files:
        with (folder / file.name).open("wb") as made:
            made.truncate(file.size if size is None else size)


def test_a_model_that_is_here_is_found_by_any_of_its_names(tmp_path: Path) -> None:
    """In the folder that is set."""
    fill(tmp_path / "models" / "tiny", "tiny")
    for name in ("tiny", "whisper-tiny", "Systran/faster-whisper-tiny"):
        assert path_of(name, str(tmp_path / "models")) == tmp_path / "models" / "tiny"


def test_a_model_that_is_not_here_is_said_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    """And how large it is."""
    with pytest.raises(EngineUnavailableError, match="the model small is not on this machine") as error:
        path_of("small", str(tmp_path))
    assert error.value.remedy == "parley models pull small (486 MB)"


def test_a_model_of_which_a_part_is_missing_is_not_here(tmp_path: Path) -> None:
    """A file that is too short is missing as well."""
    fill(tmp_path / "tiny", "tiny")
    (tmp_path / "tiny" / "vocabulary.txt").write_text("short")
    with pytest.raises(EngineUnavailableError, match="is only partly on this machine"):
        path_of("tiny", str(tmp_path))


def test_where_the_catalogue_does_not_know_sizes_the_lock_does(tmp_path: Path) -> None:
    """Without either, a file that is there is enough: somebody copied it."""
    fill(tmp_path / "m2m100-418m", "m2m100", size=5)
    assert path_of("m2m100", str(tmp_path)) == tmp_path / "m2m100-418m"
    model = model_named("m2m100")
    assert model is not None
    Lock(model.repo).with_file("model.bin", LockedFile(6, "abc")).write(tmp_path, model)
    assert place_of(model, tmp_path) is None


def test_what_hugging_faces_own_programs_downloaded_is_found(tmp_path: Path) -> None:
    """At the commit that the catalogue pins."""
    model = model_named("tiny")
    assert model is not None
    snapshot = tmp_path / "hub" / "models--Systran--faster-whisper-tiny" / "snapshots" / model.revision
    fill(snapshot, "tiny")
    assert path_of("tiny", str(tmp_path)) == snapshot


def test_a_folder_of_ones_own_is_a_model(tmp_path: Path) -> None:
    """The engine finds out whether it is one."""
    (tmp_path / "mine").mkdir()
    assert path_of(str(tmp_path / "mine")) == tmp_path / "mine"
    assert path_of("mine") == Path("mine")


def test_another_repository_that_is_in_the_cache_is_a_model(tmp_path: Path) -> None:
    """At what is `main` there."""
    root = tmp_path / "hub" / "models--o--r"
    (root / "snapshots" / "abc").mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text("abc\n")
    assert path_of("o/r") == root / "snapshots" / "abc"


def test_a_name_that_is_neither_is_said() -> None:
    """With where the names are."""
    with pytest.raises(EngineUnavailableError, match="parley models list"):
        path_of("smal")


def test_what_would_have_to_be_fetched_is_counted(tmp_path: Path) -> None:
    """Less what is here; roughly where sizes are not known."""
    tiny, m2m100 = model_named("tiny"), model_named("m2m100")
    assert tiny is not None
    assert m2m100 is not None
    whole = sum(file.size or 0 for file in tiny.files)
    assert missing_bytes(tiny, tmp_path) == whole
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.bin.part").write_bytes(b"x" * 1000)
    assert missing_bytes(tiny, tmp_path) == whole - 1000
    assert missing_bytes(m2m100, tmp_path) == 975_000_000
