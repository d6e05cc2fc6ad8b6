"""How getting a model can fail.

ModelError
├── UnknownModelError      nothing of that name is in the catalogue
├── ModelsOfflineError     it would have to be downloaded, and that is switched off
├── UnreachableError       the server is not there, refuses, or breaks off again and again
├── DamagedError           what came is not what it should be
├── NoRoomError            the disk is too full
└── PullRunningError       another process is fetching it
"""


class ModelError(Exception):
    """A model cannot be had. `str` is one sentence for people, with what to do."""


class UnknownModelError(ModelError):
    """Nothing of that name is in the catalogue."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no model {name!r}: `parley models list` names those there are")


class ModelsOfflineError(ModelError):
    """It would have to be downloaded, and `engines.models_offline` or HF_HUB_OFFLINE says not to."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not here, and downloads are switched off: "
            "set engines.models_offline to false, or copy its folder into the models folder"
        )


class UnreachableError(ModelError):
    """The server is not there, refuses, or breaks off again and again. What came so far is kept."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}; try again, and it goes on where it stopped, or set engines.models_url")


class DamagedError(ModelError):
    """What came is not what it should be; it was deleted."""

    def __init__(self, name: str, expected: str, got: str) -> None:
        super().__init__(
            f"{name} is not the file it should be (sha256 {got[:12]}..., not {expected[:12]}...), and was deleted: "
            "try again, and if that does not help look at engines.models_url and at the model's lock file"
        )


class NoRoomError(ModelError):
    """The disk is too full."""

    def __init__(self, folder: str, needed: int, free: int) -> None:
        super().__init__(
            f"{folder} has {free // 1_000_000} MB free, and {needed // 1_000_000} MB are needed: "
            "make room, or name another folder in engines.models_dir"
        )


class PullRunningError(ModelError):
    """Another process is fetching it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is being pulled by another process: wait for it")
