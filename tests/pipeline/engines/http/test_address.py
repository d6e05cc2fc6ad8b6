import pytest

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.http.address import base_address, clean_key, optional_key


@pytest.mark.parametrize("written", ["https://api.example.com/v1", " http://127.0.0.1:8000/ ", "http://[::1]:8000"])
def test_addresses_of_web_servers_are_taken(written: str) -> None:
    """With or without path and port."""
    assert str(base_address(written)).rstrip("/") == written.strip().rstrip("/")


@pytest.mark.parametrize(
    "written",
    ["", "api.example.com", "ftp://x", "https://", "http://x:99999", "http://u:secret@x", "https://x/?key=secret"],
)
def test_anything_else_is_refused_with_a_remedy_and_not_quoted(written: str) -> None:
    """People put keys into addresses: the message repeats nothing of it."""
    with pytest.raises(EngineUnavailableError, match="set base_url") as refused:
        base_address(written)
    assert "secret" not in str(refused.value)


def test_a_key_loses_its_blanks() -> None:
    """A file with a key ends with a line end."""
    assert clean_key(" abc-123\n", "deepgram") == "abc-123"


@pytest.mark.parametrize("key", ["", "  ", "sec ret", "secret\r\nX-Evil: 1", "sécret"])
def test_what_can_be_no_key_is_refused_and_not_quoted(key: str) -> None:
    """The message names the setting and both variables instead."""
    with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__DEEPGRAM__API_KEY_FILE") as refused:
        clean_key(key, "deepgram")
    assert "engines.deepgram.api_key" in str(refused.value)
    assert "ret" not in str(refused.value)


def test_only_openai_itself_insists_on_a_key() -> None:
    """Servers of one's own get one if it is set."""
    assert optional_key("", "http://127.0.0.1:8000/v1", "openai_speech") == {}
    assert optional_key("k", "http://127.0.0.1:8000/v1", "openai_speech") == {"Authorization": "Bearer k"}
    with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__OPENAI_SPEECH__API_KEY"):
        optional_key(" ", "https://api.openai.com/v1", "openai_speech")
