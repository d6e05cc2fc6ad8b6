"""Where models lie on this machine."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

LOCKS = "locks"
"""The folder beside the models' own that holds their locks."""


def models_folder(models_dir: str = "", environment: Mapping[str, str] = os.environ) -> Path:
    """Give the folder of all models: the one that is set; else `parley` in HF_HOME; else in the user's data.

    Images of ours mount a volume and name it in HF_HOME; so it needs no setting of its own there.
    """
    if models_dir:
        return Path(models_dir).expanduser()
    if home := environment.get("HF_HOME", "").strip():
        return Path(home).expanduser() / "parley"
    data = environment.get("XDG_DATA_HOME", "").strip()
    return (Path(data) if data else Path("~/.local/share").expanduser()) / "parley" / "models"


def hub_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the folder in which Hugging Face's own programs keep what they downloaded; we only read there."""
    if cache := environment.get("HF_HUB_CACHE", "").strip():
        return Path(cache).expanduser()
    home = environment.get("HF_HOME", "").strip() or "~/.cache/huggingface"
    return Path(home).expanduser() / "hub"


def snapshots(repo: str, revision: str, cache: Path) -> list[Path]:
    """Give the folders in that cache that hold a repository: at this revision, and at the one that is `main` there."""
    root = cache / f"models--{repo.replace('/', '--')}"
    revisions = [revision]
    with contextlib.suppress(OSError):
        revisions.append((root / "refs" / "main").read_text(encoding="utf-8").strip())
    found = (root / "snapshots" / each for each in dict.fromkeys(revisions) if each)
    return [folder for folder in found if folder.is_dir()]


def hub() -> str:
    """Give the address of the hub that models come from where no setting says another: huggingface_hub knows it."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)
