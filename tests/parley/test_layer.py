"""Layers: what flags, environment and files say, and where."""

from pathlib import Path

import pytest

from parley.errors import ConfigFileError, SettingError, SettingsError, UnknownSettingError
from parley.layer import BORROWED, Layer
from parley.setting import Setting
from parley.settings import all_settings

PORT = Setting(("rtc", "port"), int, 0)
KEY = Setting(("engines", "api_key"), str, "")
SERVERS = Setting(("rtc", "servers"), tuple[dict[str, str], ...], ())
KNOWN = (PORT, KEY, SERVERS)
BUS = Setting(("pipeline", "bus_url"), str, "memory")
OFFLINE = Setting(("engines", "models_offline"), bool, False)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "parley.toml"


def test_flags_are_read_by_the_settings_names() -> None:
    """The origin is the flag."""
    layer = Layer.of_flags({"rtc.port": ("--media-port", "5000")}, KNOWN)
    assert layer.nested() == {"rtc": {"port": 5000}}
    assert layer.origins == {PORT.path: "--media-port"}


def test_the_environment_is_read_by_prefix() -> None:
    """Variables of others are none of ours; PARLEY_CONFIG is no setting."""
    layer = Layer.of_environment({"PARLEY_RTC__PORT": "5", "HOME": "/", "PARLEY_CONFIG": "a.toml"}, KNOWN)
    assert layer.values == {PORT.path: 5}
    assert layer.origins == {PORT.path: "PARLEY_RTC__PORT"}


def test_a_variable_may_name_a_file_that_holds_the_value(tmp_path: Path) -> None:
    """As secrets are mounted: without the line's end."""
    (tmp_path / "key").write_text("s3cret\n")
    layer = Layer.of_environment({"PARLEY_ENGINES__API_KEY_FILE": str(tmp_path / "key")}, KNOWN)
    assert layer.values == {KEY.path: "s3cret"}


def test_a_variable_and_its_file_together_are_refused() -> None:
    """Nobody should have to guess which one counts."""
    with pytest.raises(SettingError, match="PARLEY_RTC__PORT says it too"):
        Layer.of_environment({"PARLEY_RTC__PORT": "5", "PARLEY_RTC__PORT_FILE": "/dev/null"}, KNOWN)


def test_a_named_file_that_is_missing_is_said() -> None:
    """The path stands in the message."""
    with pytest.raises(ConfigFileError, match="/nowhere/key: No such file"):
        Layer.of_environment({"PARLEY_ENGINES__API_KEY_FILE": "/nowhere/key"}, KNOWN)


def test_a_misspelt_variable_is_refused() -> None:
    """A setting that has no effect is worse than an error."""
    with pytest.raises(UnknownSettingError, match="did you mean PARLEY_RTC__PORT"):
        Layer.of_environment({"PARLEY_RTC__PROT": "5"}, KNOWN)


def test_kafkas_own_variable_is_understood() -> None:
    """What other programs of a deployment read as well says where the bus is."""
    layer = Layer.of_environment({"KAFKA_BOOTSTRAP_SERVERS": "one:9092,two:9092"}, [BUS])
    assert layer.values == {BUS.path: "kafka://one:9092,two:9092"}
    assert layer.origins == {BUS.path: "KAFKA_BOOTSTRAP_SERVERS"}


def test_the_common_variable_of_redis_is_understood() -> None:
    """As it is."""
    url = Setting(("signaling", "nodes", "redis_url"), str, "")
    layer = Layer.of_environment({"REDIS_URL": "redis://:hush@one:6379/1"}, [url])
    assert layer.values == {url.path: "redis://:hush@one:6379/1"}


@pytest.mark.parametrize("own", [{"PARLEY_PIPELINE__BUS_URL": "memory"}, {"PARLEY_PIPELINE__BUS_URL_FILE": "url"}])
def test_our_own_variable_wins_over_a_borrowed_one(own: dict[str, str], written: Path) -> None:
    """Who says it to Parley alone means Parley."""
    (written.parent / "url").write_text("memory\n")
    environment = {name: str(written.parent / value) if value == "url" else value for name, value in own.items()}
    layer = Layer.of_environment({**environment, "KAFKA_BOOTSTRAP_SERVERS": "one:9092"}, [BUS])
    assert layer.values == {BUS.path: "memory"}


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("MODEL_SIZE", "small", "model", "small"),
        ("DEVICE", "cuda", "device", "cuda"),
        ("BEAM_SIZE", "5", "beam_size", 5),
        ("VAD_FILTER", "true", "vad_filter", True),
        ("NORMALIZE_AUDIO", "0", "normalize_audio", False),
        ("MAX_BATCH_SIZE", "32", "max_batch_size", 32),
    ],
)
def test_the_names_that_people_know_are_understood(variable: str, text: str, name: str, value: object) -> None:
    """Of programs around Whisper; each is the setting of faster-whisper, and is told as where it came from."""
    setting = Setting(("engines", "faster_whisper", name), type(value), None)
    layer = Layer.of_environment({variable: text}, [setting])
    assert layer.values == {setting.path: value}
    assert layer.origins == {setting.path: variable}
    own = Layer.of_environment({variable: "anything", setting.variable: text}, [setting])
    assert own.origins == {setting.path: setting.variable}


def test_every_borrowed_variable_is_of_a_setting_that_exists() -> None:
    """A setting that was renamed takes its variable along."""
    assert {path for path, _ in BORROWED.values()} <= {setting.path for setting in all_settings()}


@pytest.mark.parametrize(("text", "value"), [("1", True), ("ON", True), ("yes", True), ("0", False), ("off", False)])
def test_a_borrowed_truth_may_be_said_in_more_words(text: str, value: bool) -> None:
    """As the programs take it whose variable it is."""
    layer = Layer.of_environment({"HF_HUB_OFFLINE": text}, [OFFLINE])
    assert layer.values == {OFFLINE.path: value}


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_borrowed_variable_says_nothing(text: str) -> None:
    """As Compose gives it where nobody set it."""
    assert Layer.of_environment({"KAFKA_BOOTSTRAP_SERVERS": text}, [BUS]).values == {}


def test_a_file_is_read_by_sections(written: Path) -> None:
    """Tables are sections; a list of tables is a value."""
    written.write_text('[rtc]\nport = 7\nservers = [{ url = "stun:s" }]\n')
    layer = Layer.of_file(written, KNOWN)
    assert layer.nested() == {"rtc": {"port": 7, "servers": ({"url": "stun:s"},)}}
    assert layer.origins[PORT.path] == str(written)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[rtc]\nprot = 7\n", "did you mean rtc.port"),
        ("[rtc]\nport = '7'\n", "whole number"),
        ("rtc = 7\n", "rtc .*no such setting"),
        ("[rtc\n", "it is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(written: Path, content: str, words: str) -> None:
    """What is misspelt, of the wrong kind, or not TOML at all is said with the file's name."""
    written.write_text(content)
    with pytest.raises(SettingsError, match=words) as caught:
        Layer.of_file(written, KNOWN)
    assert str(written) in str(caught.value)


def test_a_file_of_other_bytes_is_refused(written: Path) -> None:
    """Not text."""
    written.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigFileError, match="not UTF-8"):
        Layer.of_file(written, KNOWN)


def test_a_wrong_secret_is_not_repeated() -> None:
    """The message about a secret does not hold it."""
    keys = Setting(("engines", "api_key"), tuple[str, ...], ())
    with pytest.raises(SettingError, match="the value is not possible, it is not JSON") as caught:
        Layer.of_environment({"PARLEY_ENGINES__API_KEY": '["hunter2"'}, [keys])
    assert "hunter2" not in str(caught.value)
