"""All settings of a process, and where each came from: flags, environment, file, or the default."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import InstanceOf, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from media_server.rtc.settings import RtcSettings
from media_server.settings import MediaSettings
from parley.errors import ConfigFileError, SettingError
from parley.layer import CONFIG_VARIABLE, Layer
from parley.log_fields import IdForm
from parley.setting import Setting, settings_of
from pipeline.engines.settings import EngineSettings
from pipeline.settings import PipelineSettings
from signaling.settings import SignalingSettings

DEFAULT_FILE = Path("parley.toml")
"""Read when it is there and no other file is named."""

DEFAULT = "default"

_HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class LogSettings:
    """What is told on standard error."""

    # The least important that is told.
    level: Literal["debug", "info", "warning", "error"] = "info"
    # `text` for people, `json` (an object a line) for machines.
    format: Literal["text", "json"] = "text"
    # How ids of rooms, people and utterances are written: as they are, `short` (their first and last four characters)
    # or `hashed` (the same id has the same hash in every process with the same key).
    ids: IdForm = "full"
    # What ids are hashed with; without it, whoever guesses an id can find it in the log.
    id_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class ProcessSettings:
    """Which process this is among several, and where a worker's probes are."""

    # Name of the host, as part of the instance's id; empty: the one that the system gives. Letters, digits, . _ -
    host_name: str = ""
    # Number of this process among those of its kind (nodes; workers of one stage) on this host. With the host's name it
    # is its identity across restarts: two that run at once must not share it.
    slot: int = 0
    # Where `parley worker` answers /healthz, /readyz and /metrics (`parley serve` does so beside its page). Port 0 lets
    # the system choose.
    probe_host: str = "127.0.0.1"
    probe_port: int = 0

    def __post_init__(self) -> None:
        if self.host_name and not _HOST_NAME.fullmatch(self.host_name):
            raise ValueError(f"host_name is {self.host_name!r}, but it must be 1 to 100 letters, digits, '.', '_', '-'")
        if self.slot < 0:
            raise ValueError(f"slot is {self.slot}, but it must be at least 0")


class Settings(BaseSettings):
    """The sections, each a frozen dataclass of the package that it sets.

    `Settings()` holds the defaults, whatever the environment says; `load` reads what was said.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    log: InstanceOf[LogSettings] = LogSettings()
    process: InstanceOf[ProcessSettings] = ProcessSettings()
    signaling: InstanceOf[SignalingSettings] = SignalingSettings()
    media: InstanceOf[MediaSettings] = MediaSettings()
    rtc: InstanceOf[RtcSettings] = RtcSettings()
    pipeline: InstanceOf[PipelineSettings] = PipelineSettings()
    engines: InstanceOf[EngineSettings] = EngineSettings()

    @field_validator("*", mode="before")
    @classmethod
    def _build_section(cls, value: Any, info: ValidationInfo) -> Any:
        return _build(type(cls.model_fields[info.field_name or ""].default), value)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @classmethod
    def of(cls, layers: Sequence[Layer]) -> "Settings":
        """Lay what was said over the defaults; the first layer wins.

        Raises:
            pydantic.ValidationError: values that do not go together.
        """

        class Layered(cls):  # type: ignore[misc, valid-type]
            @classmethod
            def settings_customise_sources(cls, settings_cls: type[BaseSettings], *_: Any, **__: Any) -> Any:
                return tuple(_LayerSource(settings_cls, layer) for layer in layers)

        settings: Settings = Layered()
        return settings


class _LayerSource(PydanticBaseSettingsSource):
    def __init__(self, settings_cls: type[BaseSettings], layer: Layer) -> None:
        super().__init__(settings_cls)
        self._values = layer.nested()

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


@dataclass(frozen=True)
class Row:
    """One setting as it is in force."""

    setting: Setting
    value: Any
    # A flag, a variable, a file, or "default".
    origin: str


@dataclass(frozen=True)
class Loaded:
    """Settings in force, with where each was said."""

    settings: Settings
    origins: Mapping[tuple[str, ...], str]

    def rows(self) -> Iterator[Row]:
        for setting in all_settings():
            value = attrgetter(setting.name)(self.settings)
            yield Row(setting, value, self.origins.get(setting.path, DEFAULT))


@cache
def all_settings() -> tuple[Setting, ...]:
    """Every setting there is, in the order of the sections."""
    sections = ((name, type(field.default)) for name, field in Settings.model_fields.items())
    return tuple(setting for name, section in sections for setting in settings_of(section, (name,)))


def load(
    flags: Mapping[str, tuple[str, str]] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Loaded:
    """Read the settings: flags win over the environment, that over the file, that over the defaults.

    Args:
        flags: by the setting's name, the flag and its text.
        environment: `os.environ` if None.
        file: TOML. If None, the one that PARLEY_CONFIG names, or `parley.toml` if that is here.

    Raises:
        SettingsError: something in them is wrong.
    """
    environment = os.environ if environment is None else environment
    known = all_settings()
    layers = [Layer.of_flags(flags or {}, known), Layer.of_environment(environment, known)]
    if (path := _config_file(file, environment)) is not None:
        layers.append(Layer.of_file(path, known))
    origins = {where: origin for layer in reversed(layers) for where, origin in layer.origins.items()}
    try:
        return Loaded(Settings.of(layers), origins)
    except ValidationError as error:
        raise _explain(error, origins) from None


def _config_file(named: Path | None, environment: Mapping[str, str]) -> Path | None:
    if named is None and environment.get(CONFIG_VARIABLE):
        named = Path(environment[CONFIG_VARIABLE])
    if named is not None and not named.is_file():
        raise ConfigFileError(str(named), "there is no such file")
    return named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def _build(section: type, value: Any) -> Any:
    """Make a section of its values, which are of the right kinds already; what is left out is the default."""
    if not isinstance(value, Mapping):
        return value
    kinds = get_type_hints(section)
    return section(**{name: _build(kinds[name], v) if is_dataclass(kinds[name]) else v for name, v in value.items()})


def _explain(error: ValidationError, origins: Mapping[tuple[str, ...], str]) -> SettingError:
    """Name the settings that do not go together, and where they were said."""
    first = error.errors()[0]
    section, problem = str(first["loc"][0]), str(first["msg"]).removeprefix("Value error, ")
    said = {path: origin for path, origin in origins.items() if path[0] == section}
    named = {path: origin for path, origin in said.items() if re.search(rf"\b{path[-1]}\b", problem)} or said
    names = ", ".join(".".join(path) for path in named)
    return SettingError(names, ", ".join(dict.fromkeys(named.values())), problem, "correct it there")
