"""Finding a model on this machine. Nothing here ever downloads: engines load what is there."""

from pathlib import Path

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.models.catalogue import Model, model_named
from pipeline.engines.models.folder import hub_cache, models_folder, snapshots
from pipeline.engines.models.lock import Lock


def path_of(name: str, models_dir: str = "") -> Path:
    """Give the folder of a model that is here.

    `name` is one of the catalogue, or a folder. `models_dir` is the setting `engines.models_dir`, which every engine's
    options have in a field of that name (see `EngineSettings.options`). Looks at names and sizes only.

    Raises:
        EngineUnavailableError: it is not here, or not all of it; the remedy is the command that fetches it.
    """
    model = model_named(name)
    if model is None:
        return _own_folder(name)
    folder = models_folder(models_dir)
    found = place_of(model, folder)
    if found is None:
        began = (folder / model.name).is_dir()
        why = f"the model {model.name} is {'only partly' if began else 'not'} on this machine"
        raise EngineUnavailableError(why, f"parley models pull {model.name} ({model.megabytes} MB)")
    return found


def place_of(model: Model, folder: Path) -> Path | None:
    """Say where a model is, in the models folder or in Hugging Face's cache; None if it is not whole in either."""
    lock = Lock.read(folder, model)
    places = [folder / model.name]
    # What lies in folders of a repository is not found there under the names that engines look for.
    if all(file.path == file.name for file in model.files):
        places += snapshots(model.repo, lock.revision or model.revision, hub_cache())
    return next((place for place in places if _is_whole(place, model, lock)), None)


def missing_bytes(model: Model, folder: Path) -> int:
    """Say how much would have to be downloaded, in bytes; roughly where sizes are not known."""
    lock = Lock.read(folder, model)
    here = sum(
        (folder / model.name / name).stat().st_size
        for file in model.files
        for name in (file.name, f"{file.name}.part")
        if (folder / model.name / name).is_file()
    )
    sizes = [lock.expected(file).size for file in model.files]
    known = sum(size for size in sizes if size is not None)
    return max(0, (known if None not in sizes else max(known, model.megabytes * 1_000_000)) - here)


def _is_whole(place: Path, model: Model, lock: Lock) -> bool:
    for file in model.files:
        path, size = place / file.name, lock.expected(file).size
        if not path.is_file() or (size is not None and path.stat().st_size != size):
            return False
    return True


def _own_folder(name: str) -> Path:
    """Take a name that the catalogue does not have for a folder, or for a repository in Hugging Face's cache."""
    own = Path(name).expanduser()
    if own.is_dir():
        return own
    if cached := snapshots(name, "", hub_cache()):
        return cached[0]
    why = f"there is no model {name!r}, and no such folder"
    raise EngineUnavailableError(why, "`parley models list` names the models; or name a folder that holds one")
