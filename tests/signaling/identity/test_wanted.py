"""A token that is asked for, and what is given."""

import time
from typing import Any

import msgspec
import pytest

from signaling.identity.tokens import Tokens
from signaling.identity.wanted import TokenWanted, UnfitError, give, grant_wanted
from signaling.settings import SignalingSettings

TOKENS = Tokens(SignalingSettings())
DAY_S = 24 * 3600


def test_a_room_is_enough() -> None:
    """A speaker with a new id, ten minutes to come in and twelve hours to stay."""
    given = give(TokenWanted(room_id="demo"), TOKENS, longest_s=DAY_S)
    grant = TOKENS.verify(given.token, "demo")
    assert (grant.role, grant.participant_id, grant.token_id) == ("speaker", given.participant_id, given.token_id)
    assert given.expires_at - time.time() == pytest.approx(600, abs=2)
    assert given.ends_at - time.time() == pytest.approx(12 * 3600, abs=2)


def test_everything_that_can_be_wanted_is_given() -> None:
    """Names are cleaned, languages normalised."""
    wanted = TokenWanted(
        room_id="demo",
        participant_id="ada",
        name=" Ada  L. ",
        role="host",
        subscribe=False,
        admitted=True,
        languages=("EN", "cmn-Hant"),
        speaking_language="EN",
        listening_language="cmn-Hant",
        lifetime_s=30,
        visit_s=90,
    )
    given = give(wanted, TOKENS, longest_s=DAY_S)
    grant = TOKENS.verify(given.token, "demo")
    assert (grant.participant_id, grant.name, grant.role) == ("ada", "Ada L.", "host")
    assert (grant.subscribe, grant.admitted, grant.languages) == (False, True, frozenset({"en", "zh-Hant"}))
    assert (grant.speaking_language, grant.listening_language) == ("en", "zh-Hant")
    assert given.ends_at - given.expires_at == 60


@pytest.mark.parametrize(
    ("role", "hidden", "publish"), [("listener", False, False), ("speaker", True, False), ("host", False, True)]
)
def test_who_only_listens_is_not_heard(role: Any, hidden: bool, publish: bool) -> None:
    """Nor who is hidden."""
    assert grant_wanted(TokenWanted(room_id="demo", role=role, hidden=hidden)).publish is publish


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"room_id": "a b"}, "a room id has 1 to 64"),
        ({"room_id": "demo\n"}, "a room id has 1 to 64"),
        ({"participant_id": "a/b"}, "a participant id has 1 to 64"),
        ({"name": "\u200b"}, "at least one visible character"),
        ({"languages": ("klingon?",)}, "is not a language tag"),
        ({"lifetime_s": DAY_S + 1}, "a token may last 86400 s at most"),
        ({"visit_s": DAY_S + 1}, "a token may last 86400 s at most"),
    ],
)
def test_what_no_token_can_say(wrong: dict[str, Any], words: str) -> None:
    """It is refused with words."""
    with pytest.raises(UnfitError, match=words):
        give(TokenWanted(**{"room_id": "demo", **wrong}), TOKENS, longest_s=DAY_S)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"role": "king"},
        {"lifetime_s": 0},
        {"lifetime_s": "1h"},
        {"languages": []},
        {"rights": "all"},
        {"hidden": "no"},
    ],
    ids=str,
)
def test_what_is_no_wish(wrong: dict[str, Any]) -> None:
    """Of another form, or with a field that is not known."""
    fields = wrong if not wrong else {"room_id": "demo", **wrong}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, TokenWanted)
