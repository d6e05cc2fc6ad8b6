"""A layer of settings: what the flags, the environment or a file say. What it does not say, the next one may."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parley.errors import ConfigFileError, SettingError, UnknownSettingError
from parley.setting import PREFIX, Setting

FILE_SUFFIX = "_FILE"
CONFIG_VARIABLE = "PARLEY_CONFIG"
"""Names the file of settings; not a setting itself."""
_WHISPER = ("engines", "faster_whisper")
BORROWED = {
    "KAFKA_BOOTSTRAP_SERVERS": (("pipeline", "bus_url"), "kafka://{}"),
    "REDIS_URL": (("signaling", "nodes", "redis_url"), "{}"),
    # As programs around Whisper commonly have them.
    "MODEL_SIZE": ((*_WHISPER, "model"), "{}"),
    "DEVICE": ((*_WHISPER, "device"), "{}"),
    "BEAM_SIZE": ((*_WHISPER, "beam_size"), "{}"),
    "VAD_FILTER": ((*_WHISPER, "vad_filter"), "{}"),
    "NORMALIZE_AUDIO": ((*_WHISPER, "normalize_audio"), "{}"),
    "MAX_BATCH_SIZE": ((*_WHISPER, "max_batch_size"), "{}"),
    # As Hugging Face's own programs have them.
    "HF_HUB_OFFLINE": (("engines", "models_offline"), "{}"),
    "HF_ENDPOINT": (("engines", "models_url"), "{}"),
}
"""Variables that other programs have as well: the setting that each stands for, and how its text becomes ours.

The setting's own variable wins; where this one is empty, it says nothing. Truth values may be said in more words here.
"""
_TRUTHS = {"yes": "true", "y": "true", "on": "true", "no": "false", "n": "false", "off": "false"}


@dataclass(frozen=True)
class Layer:
    """Values that were read, by the settings' paths, and where each was said."""

    values: dict[tuple[str, ...], Any] = field(default_factory=dict)
    origins: dict[tuple[str, ...], str] = field(default_factory=dict)

    def nested(self) -> dict[str, Any]:
        """Give the values as tables in tables."""
        tables: dict[str, Any] = {}
        for path, value in self.values.items():
            table = tables
            for name in path[:-1]:
                table = table.setdefault(name, {})
            table[path[-1]] = value
        return tables

    def _add(self, setting: Setting, value: object, origin: str, *, as_text: bool) -> None:
        try:
            taken = setting.read(str(value)) if as_text else setting.take(value)
        except ValueError as error:
            shown = "the value" if setting.is_secret else repr(value)[:80]
            raise SettingError(setting.name, origin, f"{shown} is not possible, {error}", "correct it there") from None
        self.values[setting.path] = taken
        self.origins[setting.path] = origin

    @classmethod
    def of_flags(cls, flags: Mapping[str, tuple[str, str]], settings: Iterable[Setting]) -> "Layer":
        """Read flags: the setting's name, and under it the flag and its text.

        Raises:
            SettingsError: no such setting, or not its value.
        """
        known = {setting.name: setting for setting in settings}
        layer = cls()
        for name, (flag, text) in flags.items():
            if name not in known:
                raise UnknownSettingError(name, flag, known)
            layer._add(known[name], text, flag, as_text=True)
        return layer

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], settings: Iterable[Setting]) -> "Layer":
        """Read `PARLEY_...`; with `_FILE` behind a name, the value is what stands in the named file. See `BORROWED`.

        Raises:
            SettingsError: a variable that is no setting, not its value, a file that cannot be read, or both given.
        """
        known = {setting.variable: setting for setting in settings}
        layer = cls()
        for variable in sorted(environment):
            if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE:
                continue
            plain = variable.removesuffix(FILE_SUFFIX)
            setting = known.get(variable) or known.get(plain)
            if setting is None:
                raise UnknownSettingError(variable, "the environment", known)
            if setting.path in layer.values:
                raise SettingError(setting.name, variable, f"{plain} says it too", "unset one of them")
            text = environment[variable]
            layer._add(setting, text if variable in known else _content(text), variable, as_text=True)
        layer._borrow(environment, {setting.path: setting for setting in known.values()})
        return layer

    def _borrow(self, environment: Mapping[str, str], known: Mapping[tuple[str, ...], Setting]) -> None:
        for variable, (path, form) in BORROWED.items():
            text = environment.get(variable, "").strip()
            if text and path in known and path not in self.values:
                plain = _TRUTHS.get(text.lower(), text) if known[path].kind is bool else text
                self._add(known[path], form.format(plain), variable, as_text=True)

    @classmethod
    def of_file(cls, path: Path, settings: Iterable[Setting]) -> "Layer":
        """Read a TOML file, with a table for each section.

        Raises:
            SettingsError: it cannot be read, or says something that is no setting or not its value.
        """
        known = {setting.path: setting for setting in settings}
        layer = cls()
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigFileError(str(path), getattr(error, "strerror", None) or "it is not UTF-8 text") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigFileError(str(path), f"it is not TOML: {error}") from None
        for where, value in _leaves(tables, known):
            setting = known.get(where)
            if setting is None:
                raise UnknownSettingError(".".join(where), str(path), (each.name for each in known.values()))
            layer._add(setting, value, str(path), as_text=False)
        return layer


def _leaves(
    tables: Mapping[str, Any], known: Mapping[tuple[str, ...], Setting], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tables.items():
        here = (*path, key)
        if isinstance(value, dict) and here not in known:
            yield from _leaves(value, known, here)
        else:
            yield here, value


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFileError(path, getattr(error, "strerror", None) or "it is not UTF-8 text") from None
