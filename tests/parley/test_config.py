"""`parley config`: a TOML file that would bring these settings about."""

import json
from pathlib import Path

import msgspec
import pytest

from parley.config import as_json, render
from parley.setting import Setting
from parley.settings import Row, load


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_is_shown_can_be_read_again(tmp_path: Path) -> None:
    """Every section, kept in a file, gives the same settings."""
    said = {
        "PARLEY_RTC__PORT": "5",
        "PARLEY_SIGNALING__ICE_SERVERS": '[{"urls": ["stun:s"]}]',
        "PARLEY_SIGNALING__ALLOWED_ORIGINS": "https://a,https://b",
        "PARLEY_PIPELINE__WORKER__RECORD_LIMIT_S": "0.5",
    }
    loaded = load(environment=said)
    file = tmp_path / "kept.toml"
    file.write_text(render(loaded.rows()))
    again = load(environment={}, file=file)
    assert msgspec.to_builtins([row.value for row in again.rows()]) == msgspec.to_builtins(
        [row.value for row in loaded.rows()]
    )


def test_origins_stand_behind_what_is_not_the_default() -> None:
    """Flags, variables and files are named; defaults are not."""
    lines = render(load({"rtc.port": ("--media-port", "5")}, environment={}).rows()).splitlines()
    assert "port = 5  # from --media-port" in lines
    assert 'level = "info"' in lines


def test_secrets_are_comments_without_their_value() -> None:
    """Neither text nor JSON holds them."""
    rows = [Row(Setting(("engines", "api_key"), str, ""), "hunter2", "PARLEY_ENGINES__API_KEY")]
    assert render(rows) == "[engines]\n# api_key = (hidden)  # from PARLEY_ENGINES__API_KEY"
    assert as_json(rows) == {"engines.api_key": {"value": "(hidden)", "from": "PARLEY_ENGINES__API_KEY"}}


def test_json_has_values_with_their_kinds() -> None:
    """One document for programs."""
    document = json.loads(json.dumps(as_json(load(environment={}).rows())))
    assert document["log.level"] == {"value": "info", "from": "default"}
    assert document["rtc.host"]["value"] is None
