"""One setting: names, kinds, text to value, secrets."""

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import pytest

from parley.setting import HIDDEN, Setting, describe, settings_of


class Server(msgspec.Struct, frozen=True):
    urls: tuple[str, ...]
    credential: str | None = None


@dataclass(frozen=True)
class Inner:
    size: int = 3


@dataclass(frozen=True)
class Section:
    port: int = 1
    api_key: str | None = None
    queue_per_key: int = 5
    dev_tokens: Literal["never", "always"] = "never"
    secrets: tuple[str, ...] = ()
    inner: Inner = field(default_factory=Inner)


def setting(kind: Any, name: str = "thing") -> Setting:
    return Setting(("section", name), kind, None)


def test_settings_of_a_section_are_its_leaves() -> None:
    """A dataclass within is a table within; its fields are the settings."""
    names = [each.name for each in settings_of(Section, ("section",))]
    assert names == [
        "section.port",
        "section.api_key",
        "section.queue_per_key",
        "section.dev_tokens",
        "section.secrets",
        "section.inner.size",
    ]


def test_the_variable_is_the_path_in_capitals() -> None:
    """Sections are parted by two underscores."""
    assert Setting(("rtc", "max_sources"), int, 8).variable == "PARLEY_RTC__MAX_SOURCES"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "5", 5),
        (float, "0.5", 0.5),
        (float, "2", 2.0),
        (bool, "true", True),
        (bool, "0", False),
        (str, " quiet ", "quiet"),
        (str | None, "", None),
        (int | None, "7", 7),
        (Literal["a", "b"], "b", "b"),
        (tuple[str, ...], "a, b,", ("a", "b")),
        (tuple[str, ...], "", ()),
        (tuple[str, ...], '["a,b"]', ("a,b",)),
        (tuple[Server, ...], '[{"urls": ["stun:s"]}]', (Server(("stun:s",)),)),
    ],
)
def test_text_becomes_a_value(kind: Any, text: str, value: object) -> None:
    """Flags and variables are text; lists come with commas, or as JSON."""
    assert setting(kind).read(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (int, "five", "it must be a whole number"),
        (int, "1.5", "it must be a whole number"),
        (bool, "maybe", "it must be true or false"),
        (Literal["a", "b"], "c", "it must be one of a, b"),
        (tuple[int, ...], "1,x", "it must be a list of a whole number"),
        (tuple[Server, ...], "stun:s", "it must be a list of tables"),
        (tuple[Server, ...], "[{", "it is not JSON"),
        (int | None, "x", "it must be a whole number or nothing"),
    ],
)
def test_text_that_says_nothing_possible_is_answered_with_what_is(kind: Any, text: str, words: str) -> None:
    """The message says what the value must be, in plain words."""
    with pytest.raises(ValueError, match=words):
        setting(kind).read(text)


@pytest.mark.parametrize("number", ["-1", "65536"])
def test_a_port_is_a_port(number: str) -> None:
    """What cannot be a port is refused before anything listens."""
    with pytest.raises(ValueError, match="0 to 65535"):
        setting(int, "media_port").read(number)


def test_values_of_a_file_keep_their_kind() -> None:
    """TOML has numbers: the text "5" is not one there."""
    assert setting(int).take(5) == 5
    with pytest.raises(ValueError, match="whole number"):
        setting(int).take("5")


def test_secrets_are_told_by_their_names_and_hold_text() -> None:
    """A key is a secret; a number per key is none."""
    secret = {each.path[-1] for each in settings_of(Section) if each.is_secret}
    assert secret == {"api_key", "secrets"}


def test_secrets_are_hidden_wherever_they_stand() -> None:
    """Neither a secret setting nor a secret within a table is shown."""
    assert setting(str, "api_key").show("abc") == HIDDEN
    assert setting(str, "redis_url").show("rediss://user:p@ss@host:6379/0") == f"rediss://user:{HIDDEN}@host:6379/0"
    assert setting(str, "redis_url").show("redis://host:6379/0") == "redis://host:6379/0"
    assert setting(str | None, "api_key").show(None) is None
    shown = setting(tuple[Server, ...], "servers").show((Server(("turn:t",), "abc"),))
    assert shown == [{"urls": ["turn:t"], "credential": HIDDEN}]


def test_a_kind_without_words_is_named() -> None:
    """What has no plain words is called by its name."""
    assert describe(Server) == "Server"
