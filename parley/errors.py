"""What can be wrong with what Parley was told.

SettingsError
  - SettingError: one setting has a value it cannot have
  - UnknownSettingError: there is no such setting
  - ConfigFileError: a file of settings, or of one setting, cannot be read
  - NoSharedBusError: a worker of its own cannot be on the memory bus
"""

import difflib
from collections.abc import Iterable


class SettingsError(ValueError):
    """Parley cannot start with these settings. As text: one line that says which, what is wrong and what to do."""


class SettingError(SettingsError):
    """A setting has a value it cannot have."""

    def __init__(self, name: str, origin: str, problem: str, remedy: str) -> None:
        super().__init__(name, origin, problem, remedy)
        self.name = name
        self.origin = origin
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.name} (from {self.origin}): {self.problem}; {self.remedy}"


class UnknownSettingError(SettingsError):
    """There is no setting of that name."""

    def __init__(self, name: str, origin: str, known: Iterable[str]) -> None:
        super().__init__(name, origin)
        self.name = name
        self.origin = origin
        self.near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)

    def __str__(self) -> str:
        meant = f"did you mean {self.near[0]}?" if self.near else "`parley config` lists all there are"
        return f"{self.name} (from {self.origin}): there is no such setting; {meant}"


class ConfigFileError(SettingsError):
    """A file that was named cannot be read."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}; correct it, or leave it out"


class NoSharedBusError(SettingsError):
    """A process was to be started on a bus that no other process is on."""

    def __str__(self) -> str:
        return (
            "a worker of its own needs a bus that it shares with the nodes: say --bus kafka://host:9092 "
            "(on the memory bus `parley serve` runs the workers itself)"
        )
