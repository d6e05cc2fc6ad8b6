"""Settings: the order of the layers, the defaults, and what does not go together."""

from pathlib import Path

import pytest

from media_server.analysis.settings import AnalysisSettings
from parley.errors import ConfigFileError, SettingError
from parley.settings import LogSettings, Settings, all_settings, load


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_said_gives_the_packages_own_defaults() -> None:
    """Each section is what its package's dataclass is without arguments."""
    loaded = load(environment={})
    assert loaded.settings.media.analysis == AnalysisSettings()
    assert {row.origin for row in loaded.rows()} == {"default"}


def test_defaults_do_not_depend_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings() in a test means the same everywhere."""
    monkeypatch.setenv("PARLEY_LOG__LEVEL", "debug")
    assert Settings().log == LogSettings()


def test_flags_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    """Each layer says what those above it do not, and the origin is told."""
    file = tmp_path / "here.toml"
    file.write_text('[rtc]\nport = 1\nmax_sources = 1\nmax_waiting = 1\n[log]\nformat = "json"\n')
    loaded = load(
        {"rtc.port": ("--media-port", "3")},
        environment={"PARLEY_RTC__PORT": "2", "PARLEY_RTC__MAX_SOURCES": "2"},
        file=file,
    )
    rtc = loaded.settings.rtc
    assert (rtc.port, rtc.max_sources, rtc.max_waiting) == (3, 2, 1)
    origins = {row.setting.name: row.origin for row in loaded.rows()}
    assert origins["rtc.port"] == "--media-port"
    assert origins["rtc.max_sources"] == "PARLEY_RTC__MAX_SOURCES"
    assert origins["rtc.max_waiting"] == str(file)
    assert origins["rtc.max_offer_bytes"] == "default"


def test_a_table_within_a_table_keeps_its_other_defaults() -> None:
    """One value of a nested section changes nothing else of it."""
    loaded = load(environment={"PARLEY_PIPELINE__WORKER__ATTEMPTS": "2"})
    assert loaded.settings.pipeline.worker.attempts == 2
    assert loaded.settings.pipeline.worker.queue == Settings().pipeline.worker.queue


def test_parley_toml_is_read_where_parley_is_started() -> None:
    """Without a named file, the one that is here counts."""
    Path("parley.toml").write_text("[rtc]\nport = 9\n")
    assert load(environment={}).settings.rtc.port == 9


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    """PARLEY_CONFIG does what --config does."""
    (tmp_path / "other.toml").write_text("[rtc]\nport = 9\n")
    assert load(environment={"PARLEY_CONFIG": str(tmp_path / "other.toml")}).settings.rtc.port == 9


def test_a_named_file_must_be_there() -> None:
    """A wrong path is an error, never silence."""
    with pytest.raises(ConfigFileError, match="no such file"):
        load(environment={}, file=Path("nowhere.toml"))


def test_values_that_do_not_go_together_are_named_with_their_origin() -> None:
    """What a section itself refuses is one line as well."""
    with pytest.raises(SettingError, match="chunk_ms is 5") as caught:
        load(environment={"PARLEY_MEDIA__ANALYSIS__CHUNK_MS": "5", "PARLEY_MEDIA__ANALYSIS__GATE_LEVEL": "50"})
    assert caught.value.name == "media.analysis.chunk_ms"
    assert caught.value.origin == "PARLEY_MEDIA__ANALYSIS__CHUNK_MS"


def test_settings_are_frozen() -> None:
    """Nobody changes them on the way."""
    with pytest.raises(ValueError, match="frozen"):
        load(environment={}).settings.log = LogSettings()


def test_every_setting_can_be_said_as_its_default() -> None:
    """Each kind of value that the packages use can be read back from what it shows."""
    for setting in all_settings():
        assert setting.take(setting.default) == setting.default, setting.name


def test_names_and_variables_are_unique() -> None:
    """No two settings share a name or a variable, and none looks like another's _FILE."""
    variables = [setting.variable for setting in all_settings()]
    assert len(set(variables)) == len(variables)
    assert not {f"{variable}_FILE" for variable in variables} & set(variables)
