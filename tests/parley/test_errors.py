"""What is said about wrong settings: one line with the name, what is wrong, and what to do."""

from parley.errors import ConfigFileError, NoSharedBusError, SettingError, SettingsError, UnknownSettingError


def test_a_wrong_value_names_the_setting_its_origin_and_the_way_out() -> None:
    """All four parts stand in one line."""
    error = SettingError("rtc.port", "--media-port", "'x' is not possible", "correct it there")
    assert str(error) == "rtc.port (from --media-port): 'x' is not possible; correct it there"


def test_an_unknown_setting_is_answered_with_the_nearest_known() -> None:
    """A slip of a letter is recognised."""
    assert str(UnknownSettingError("rtc.prot", "a.toml", ["rtc.port", "log.level"])).endswith("did you mean rtc.port?")


def test_an_unknown_setting_that_is_near_nothing_is_answered_with_where_to_look() -> None:
    """Without a near name, the command that lists them is named."""
    assert "`parley config` lists" in str(UnknownSettingError("zzzz", "a.toml", ["rtc.port"]))


def test_a_file_that_cannot_be_read_is_named() -> None:
    """The path and the reason stand in the line."""
    assert str(ConfigFileError("a.toml", "no such file")).startswith("a.toml: no such file")


def test_a_worker_on_a_bus_of_its_own_is_told_what_to_say() -> None:
    """The flag, and why."""
    assert "--bus kafka://host:9092" in str(NoSharedBusError())


def test_all_are_settings_errors() -> None:
    """One except clause catches what is wrong with settings."""
    assert issubclass(SettingError, SettingsError)
    assert issubclass(UnknownSettingError, SettingsError)
    assert issubclass(ConfigFileError, SettingsError)
    assert issubclass(NoSharedBusError, SettingsError)
