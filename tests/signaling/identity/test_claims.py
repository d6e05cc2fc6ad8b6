"""What stands in a token, and what it means."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.identity.claims import claims_of, grant_of, moment
from signaling.identity.grant import Grant, Identity, Role
from signaling.identity.token_error import TokenError

TIMES = {"nbf": 1_700_000_000, "exp": 1_700_000_600}
ADA = Identity("ada", "demo")
FINGERPRINT, FIRST, SECOND = "f-1", "t-0", "t-1"


def means(**claims: Any) -> Grant:
    return grant_of({"sub": "ada", "room": "demo", **TIMES, **claims}, FINGERPRINT)


def test_a_plain_room_is_a_speakers_token() -> None:
    """Heard, hearing, shown, in all languages; it ends when it expires."""
    assert means() == Grant(identity=ADA, expires_at=1_700_000_600.0, token_id=FINGERPRINT, origin_id=FINGERPRINT)


def test_the_room_may_stand_in_the_grants() -> None:
    """As in LiveKit's tokens."""
    assert grant_of({"sub": "ada", **TIMES, "grants": {"room": "demo", "roomJoin": True}}, "").room_id == "demo"


@pytest.mark.parametrize(
    ("grants", "role", "publish"),
    [
        ({}, "speaker", True),
        ({"canPublish": False}, "listener", False),
        ({"roomAdmin": True}, "host", True),
        ({"roomAdmin": True, "canPublish": False}, "host", False),
        ({"hidden": True}, "listener", False),
        ({"hidden": True, "roomAdmin": True}, "host", False),
    ],
)
def test_roles_follow_from_what_is_granted(grants: dict[str, bool], role: Role, publish: bool) -> None:
    """Who is hidden is not heard."""
    grant = means(grants=grants)
    assert (grant.role, grant.publish) == (role, publish)


def test_the_rest_is_read_as_it_stands() -> None:
    """Names are cleaned, languages normalised."""
    grant = means(
        jti="t-1",
        name="  Ada \u202eL.",
        grants={
            "canSubscribe": False,
            "admitted": True,
            "langs": ["EN", "cmn"],
            "speaks": "EN-us",
            "hears": "cmn",
            "endsAt": 1_700_009_000.5,
            "origin": "t-0",
        },
    )
    assert grant == Grant(
        identity=ADA,
        subscribe=False,
        languages=frozenset({"en", "zh"}),
        speaking_language="en-US",
        listening_language="zh",
        name="Ada L.",
        admitted=True,
        expires_at=1_700_009_000.5,
        token_id=SECOND,
        origin_id=FIRST,
    )


def test_no_language_at_all_is_not_every_language() -> None:
    """An empty list allows nothing."""
    assert means(grants={"langs": []}).languages == frozenset()


grants = st.builds(
    Grant,
    identity=st.builds(Identity, *[st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)] * 2),
    role=st.sampled_from(["host", "speaker", "listener"]),
    publish=st.booleans(),
    subscribe=st.booleans(),
    hidden=st.booleans(),
    languages=st.none() | st.frozensets(st.sampled_from(["en", "es", "es-MX", "zh-Hant", "fr"])),
    speaking_language=st.sampled_from([None, "auto", "es-MX"]),
    listening_language=st.sampled_from([None, "fr"]),
    name=st.none() | st.sampled_from(["Ada", "Lucía Ñ"]),
    admitted=st.booleans(),
    expires_at=st.integers(0, 2**33).map(float),
    token_id=st.just("t-1"),
    origin_id=st.just("t-0"),
)


@settings(max_examples=40)
@given(grants, st.booleans())
def test_what_is_written_is_read_and_never_more(grant: Grant, as_origin: bool) -> None:
    """Rights survive, but those that contradict each other: then the lesser counts."""
    read = grant_of({**claims_of(grant, as_origin=as_origin), **TIMES, "jti": "t-2"}, "")
    heard = grant.publish and not grant.hidden and grant.role != "listener"
    assert (read.identity, read.publish, read.subscribe) == (grant.identity, heard, grant.subscribe)
    assert (read.hidden, read.languages, read.name) == (grant.hidden, grant.languages, grant.name)
    assert (read.admitted, read.expires_at, read.is_host) == (grant.admitted, grant.expires_at, grant.is_host)
    assert (read.token_id, read.origin_id) == ("t-2", "t-2" if as_origin else "t-0")


@pytest.mark.parametrize("value", [True, "1", None, [], float("nan"), float("inf"), -1, 10**12, 10**400])
def test_what_is_no_moment(value: object) -> None:
    """A number of seconds, from 1970 to the year 9999."""
    with pytest.raises(TokenError):
        moment(value)
