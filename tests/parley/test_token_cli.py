"""`parley token`: the token on standard output, words on standard error."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from parley.cli import app
from signaling.identity.settings import TokenSettings
from signaling.identity.tokens import Tokens
from signaling.settings import SignalingSettings
from tests.fakes.door import ServedDoor, served_door

SECRET, KEY = "0123456789abcdef" * 2, "k" * 32
ENVIRONMENT = {"PARLEY_SIGNALING__TOKENS__SECRETS": f"new:{SECRET}"}
TOKENS = Tokens(SignalingSettings(tokens=TokenSettings(secrets=(f"new:{SECRET}",))))


def token(*words: str, stdin: str = "", **environment: str) -> Result:
    return CliRunner().invoke(app, ["token", *words], input=stdin, env={**ENVIRONMENT, **environment})


def test_a_token_is_made() -> None:
    """Alone on standard output, to be used by scripts; its id stands on standard error."""
    made = token("create", "--room", "demo", "--identity", "ada", "--name", "Ada L.", "--role", "host")
    assert made.exit_code == 0
    grant = TOKENS.verify(made.stdout.strip(), "demo")
    assert (grant.participant_id, grant.name, grant.role) == ("ada", "Ada L.", "host")
    assert made.stderr == f"for ada in demo; its id is {grant.token_id}\n"


def test_everything_it_can_grant_can_be_said() -> None:
    """Languages by commas, times with units; as JSON for programs."""
    rights = ["--languages", "es,EN", "--hidden", "--admitted"]
    made = token("create", "--room", "demo", *rights, "--lifetime", "2h", "--visit", "1d", "--json")
    document = json.loads(made.stdout)
    grant = TOKENS.verify(document["token"], "demo")
    assert (grant.languages, grant.hidden, grant.admitted) == (frozenset({"en", "es"}), True, True)
    assert document["ends_at"] - document["expires_at"] == 22 * 3600
    assert made.stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--room a/b", "a room id has 1 to 64"),
        ("--room demo --identity a/b", "a participant id has 1 to 64"),
        ("--room demo --role king", "Invalid enum value 'king'"),
        ("--room demo --languages klingon?", "is not a language tag"),
        ("--room demo --lifetime soon", "--lifetime is 'soon', but it must be a time"),
        ("--room demo --visit 0", "--visit is '0', but it must be a time"),
        ("--room demo --visit 31d", "a token may last 2592000 s at most"),
    ],
)
def test_what_no_token_can_say_ends_with_2(words: str, said: str) -> None:
    """In one line, and nothing on standard output."""
    refused = token("create", *words.split())
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_without_a_secret_no_token_is_made() -> None:
    """One by a secret that is made up would open nothing anywhere."""
    refused = token("create", "--room", "demo", PARLEY_SIGNALING__TOKENS__SECRETS="")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "no secret is set: signaling.tokens.secrets" in refused.stderr


def test_a_secret_may_stand_in_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As secrets are mounted."""
    file = tmp_path_factory.mktemp("secrets") / "token"
    file.write_text(f"new:{SECRET}\n")
    environment = {"PARLEY_SIGNALING__TOKENS__SECRETS_FILE": str(file)}
    made = CliRunner().invoke(app, ["token", "create", "--room", "demo"], env=environment)
    assert TOKENS.verify(made.stdout.strip(), "demo").role == "speaker"


def test_a_token_is_looked_into() -> None:
    """It comes by standard input, where nobody else sees it; who made it need not be asked."""
    made = token("create", "--room", "demo", "--identity", "ada").stdout
    looked = token("inspect", "--room", "demo", stdin=made)
    assert json.loads(looked.stdout)["participant_id"] == "ada"


@pytest.mark.parametrize(
    ("room", "given", "said"),
    [("other", None, "token for another room"), ("demo", "eyJ", "token malformed"), ("demo", "", "token missing")],
)
def test_a_token_that_opens_nothing_ends_with_1(room: str, given: str | None, said: str) -> None:
    """With the reason, and without the token."""
    made = token("create", "--room", "demo").stdout.strip()
    looked = token("inspect", "--room", room, stdin=made if given is None else given)
    assert (looked.exit_code, looked.stdout, looked.stderr) == (1, "", f"parley: {said}\n")


@contextlib.contextmanager
def running() -> Iterator[ServedDoor]:
    """Serve a door with an API key from another thread: the command runs a loop of its own."""
    ready, stop, doors = threading.Event(), threading.Event(), list[ServedDoor]()

    async def serve() -> None:
        settings = SignalingSettings(tokens=TokenSettings(secrets=(f"new:{SECRET}",), api_keys=(f"shop:{KEY}",)))
        async with served_door(settings) as door:
            doors.append(door)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield doors[0]
    finally:
        stop.set()
        thread.join(10)


def test_a_token_is_revoked_at_a_server() -> None:
    """With an API key; without the right one, or without a server, it ends with 1."""
    keys = {"PARLEY_SIGNALING__TOKENS__API_KEYS": f"shop:{KEY}"}
    with running() as door:
        assert token("revoke", "one", "--server", door.url, **keys).exit_code == 0
        assert door.door.revocations.is_revoked("one")
        refused = token("revoke", "two", "--server", door.url, PARLEY_SIGNALING__TOKENS__API_KEYS=f"shop:{'x' * 32}")
        assert (refused.exit_code, "the server answered 401" in refused.stderr) == (1, True)
        url = door.url
    away = token("revoke", "two", "--server", url, **keys)
    assert (away.exit_code, "cannot be asked" in away.stderr) == (1, True)
    assert KEY not in away.stderr


def test_without_an_api_key_nothing_is_revoked() -> None:
    """It says which setting it is."""
    refused = token("revoke", "one")
    assert (refused.exit_code, "no API key is set" in refused.stderr) == (2, True)
