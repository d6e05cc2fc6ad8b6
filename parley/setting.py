"""One setting: its name everywhere, what it may be, and how text becomes its value."""

import re
import types
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

PREFIX = "PARLEY_"
DELIMITER = "__"
HIDDEN = "(hidden)"
PORTS = range(65_536)

# The names of what opens doors: `api_key`, `secrets`; not `queue_per_key`, which is a number, nor `dev_tokens`.
_SECRET = re.compile(r"(^|_)(secrets?|passwords?|passphrase|credentials?|token|keys?)$")
# A password in a URL: `redis://user:password@host`.
_URL_PASSWORD = re.compile(r"(://[^/@\s:]*:)[^/\s]+@")


@dataclass(frozen=True)
class Setting:
    """A leaf of the settings. Values are what its dataclass field holds."""

    # From the section down: ("rtc", "port").
    path: tuple[str, ...]
    kind: Any
    default: Any

    @property
    def name(self) -> str:
        """The name in files, in messages and for `--set`."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable; with `_FILE` behind it, one that names a file with the value."""
        return PREFIX + DELIMITER.join(self.path).upper()

    @property
    def is_secret(self) -> bool:
        """Whether its value is hidden wherever settings are shown."""
        holds_text = bool({str, bytes} & {self.kind, *get_args(self.kind)})
        return holds_text and _SECRET.search(self.path[-1]) is not None

    def read(self, text: str) -> Any:
        """Turn the text of a flag or a variable into a value. Lists are separated by commas, or JSON.

        Raises:
            ValueError: the text says nothing that this setting could be; the message says what it could.
        """
        return self.take(self._untangle(text.strip()), strict=False)

    def take(self, value: object, *, strict: bool = True) -> Any:
        """Turn a value from a file into this setting's. Text stands for itself only, unless not `strict`.

        Raises:
            ValueError: the value is of another kind; the message says of which it must be.
        """
        try:
            taken = msgspec.convert(value, self.kind, strict=strict)
        except msgspec.ValidationError:
            raise ValueError(f"it must be {describe(self.kind)}") from None
        if self.path[-1].endswith("port") and taken not in PORTS:
            raise ValueError("it must be a port, 0 to 65535")
        return taken

    def show(self, value: object) -> Any:
        """Give a value as JSON's types, with secrets hidden, nested ones as well."""
        if self.is_secret and value:
            return HIDDEN
        return _hide(msgspec.to_builtins(value))

    def _untangle(self, text: str) -> object:
        if not text and type(None) in get_args(self.kind):
            return None
        if not _is_collection(self.kind):
            return text
        if text.startswith(("[", "{")):
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError as error:
                raise ValueError(f"it is not JSON ({error})") from None
        return [part.strip() for part in text.split(",") if part.strip()]


def settings_of(section: type, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Give every setting of a dataclass, those of the dataclasses in it included."""
    kinds = get_type_hints(section)
    for field in fields(section):
        kind, here = kinds[field.name], (*path, field.name)
        if is_dataclass(kind):
            yield from settings_of(kind, here)  # type: ignore[arg-type]
        elif field.default is not MISSING:
            yield Setting(here, kind, field.default)
        elif field.default_factory is not MISSING:
            yield Setting(here, kind, field.default_factory())
        else:
            yield Setting(here, kind, None)


def describe(kind: Any) -> str:
    """Say for people what a value of this kind looks like."""
    plain = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "nothing"}
    if kind in plain:
        return plain[kind]
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(describe(part) for part in get_args(kind))
    if _is_collection(kind):
        parts = [part for part in get_args(kind) if part is not Ellipsis]
        if parts and get_origin(parts[0]) is Literal:
            return f"a list, each {describe(parts[0])}"
        return "a list of " + (describe(parts[0]) if parts and parts[0] in plain else "tables (as text: JSON)")
    return getattr(kind, "__name__", str(kind))


def _is_collection(kind: Any) -> bool:
    return get_origin(kind) in (tuple, list, set, frozenset, dict)


def _hide(value: Any) -> Any:
    if isinstance(value, str):
        return _URL_PASSWORD.sub(rf"\g<1>{HIDDEN}@", value)
    if isinstance(value, dict):
        return {key: HIDDEN if _SECRET.search(str(key)) and inner else _hide(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hide(inner) for inner in value]
    return value
