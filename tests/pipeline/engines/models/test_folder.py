"""Where models lie."""

from pathlib import Path

from pipeline.engines.models.folder import hub, hub_cache, models_folder, snapshots


def test_the_folder_that_is_set_wins() -> None:
    """Over everything in the environment."""
    assert models_folder("/m", {"HF_HOME": "/hf", "XDG_DATA_HOME": "/data"}) == Path("/m")


def test_images_say_where_models_are_in_hf_home() -> None:
    """A folder of our own in it."""
    assert models_folder("", {"HF_HOME": "/models", "XDG_DATA_HOME": "/data"}) == Path("/models/parley")


def test_otherwise_it_is_in_the_users_data() -> None:
    """As the XDG base directories have it."""
    assert models_folder("", {"XDG_DATA_HOME": "/data"}) == Path("/data/parley/models")
    assert models_folder("", {}) == Path("~/.local/share/parley/models").expanduser()


def test_hugging_faces_cache_is_where_its_own_variables_say() -> None:
    """HF_HUB_CACHE, HF_HOME, or the user's cache."""
    assert hub_cache({"HF_HUB_CACHE": "/c", "HF_HOME": "/h"}) == Path("/c")
    assert hub_cache({"HF_HOME": "/h"}) == Path("/h/hub")
    assert hub_cache({}) == Path("~/.cache/huggingface/hub").expanduser()


def test_a_snapshot_is_found_by_its_commit_and_by_main(tmp_path: Path) -> None:
    """The pinned one first."""
    root = tmp_path / "models--o--r"
    for commit in ("aaa", "bbb"):
        (root / "snapshots" / commit).mkdir(parents=True)
    assert snapshots("o/r", "aaa", tmp_path) == [root / "snapshots" / "aaa"]
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text("bbb")
    assert [folder.name for folder in snapshots("o/r", "aaa", tmp_path)] == ["aaa", "bbb"]
    assert snapshots("o/other", "aaa", tmp_path) == []


def test_without_a_mirror_models_come_from_the_hub_itself() -> None:
    """As its own library knows it."""
    assert hub().startswith("https://")
