"""Tokens: the good one opens its room, everything else opens nothing."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from signaling.identity.compact import ALGORITHMS
from signaling.identity.grant import Grant, Identity
from signaling.identity.jwks_source import JwksSource
from signaling.identity.revocations import Revocations
from signaling.identity.settings import TokenSettings
from signaling.identity.tokens import SECRET_BYTES, TokenError, Tokens
from signaling.settings import SignalingSettings
from tests.signaling.identity.bad_tokens import BAD, GOOD, JWKS, SETTINGS, Bad
from tests.signaling.identity.signers import SECRET, claims, ec_key, jwk, jwk_set, pem, rsa_key, signed

DEFAULTS = SignalingSettings()
ADA = Grant(identity=Identity("p-1", "demo"))


def opened(source: JwksSource) -> JwksSource:
    """Have a source take its first look."""

    async def look() -> None:
        async with source.open():
            pass

    asyncio.run(look())
    return source


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    """Give tokens of a server with secrets in rotation and somebody else's public keys."""
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    file.write_bytes(JWKS)
    settings = replace(SETTINGS, tokens=replace(SETTINGS.tokens, jwks_file=str(file)))
    return Tokens(settings, source=opened(JwksSource(settings.tokens)))


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(DEFAULTS, secret=SECRET)


def read(token: str) -> dict[str, Any]:
    """Give a token's claims without a look at its signature."""
    content: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return content


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_token_opens_nothing(strict: Tokens, bad: Bad) -> None:
    """Whatever is wrong with a token, it is refused for that reason, and nothing else is raised."""
    with pytest.raises(TokenError) as refused:
        strict.verify(bad.token, "demo")
    assert refused.value.reason == bad.why


@pytest.mark.parametrize("token", GOOD.values(), ids=GOOD.keys())
def test_a_good_token_opens_its_room(strict: Tokens, token: str) -> None:
    """What differs from a bad one by what is wrong with that opens the room."""
    assert strict.verify(token, "demo").identity == ADA.identity


def test_the_matrix_is_large() -> None:
    """At least sixty, and no two the same."""
    assert len({bad.token for bad in BAD.values()}) == len(BAD) >= 150


@examples(max_examples=40)
@given(st.text(max_size=200), st.integers(0, 400))
def test_no_change_of_a_good_token_opens_anything(text: str, place: int) -> None:
    """Whatever is put into it, wherever."""
    good = Tokens(DEFAULTS, secret=SECRET)
    token = good.issue("demo", "p-1")
    changed = token[:place] + text + token[place + len(text) :]
    if changed != token:
        with pytest.raises(TokenError):
            good.verify(changed, "demo")


def test_refusals_are_counted_by_reason(tokens: Tokens) -> None:
    """So that it shows who tries, and whether a key has gone."""
    before = REGISTRY.get_sample_value("parley_tokens_refused_total", {"reason": "for another room"}) or 0
    with pytest.raises(TokenError):
        tokens.verify(tokens.issue("other"), "demo")
    assert REGISTRY.get_sample_value("parley_tokens_refused_total", {"reason": "for another room"}) == before + 1


# Its own.


def test_its_own_token_opens_the_room(tokens: Tokens) -> None:
    """A token issued for a room and a participant says exactly that, and who made it may not be asked for more."""
    grant = tokens.verify(tokens.issue("demo", "p-1"), "demo")
    assert grant.gives_what(ADA)
    assert grant.token_id == grant.origin_id != ""


def test_everybody_gets_an_id_of_their_own(tokens: Tokens) -> None:
    """Two tokens without a name are two participants."""
    first, second = (tokens.verify(tokens.issue("demo"), "demo") for _ in range(2))
    assert first.identity != second.identity


def test_two_processes_do_not_trust_each_other() -> None:
    """The secret is random: a token ends with the process that issued it."""
    with pytest.raises(TokenError, match="not signed here"):
        Tokens(DEFAULTS).verify(Tokens(DEFAULTS).issue("demo"), "demo")


def test_processes_with_the_same_secret_trust_each_other() -> None:
    """What one node issued opens the room on another one, and after a restart."""
    shared = SignalingSettings(token_secret=SECRET.decode())
    assert Tokens(shared).verify(Tokens(shared).issue("demo", "p-1"), "demo").gives_what(ADA)
    with pytest.raises(TokenError, match="not signed here"):
        Tokens(DEFAULTS).verify(Tokens(shared).issue("demo"), "demo")


def test_everything_a_grant_gives_survives_its_token(tokens: Tokens) -> None:
    """Role, rights, languages and name are read as they were written."""
    guest = Grant(
        identity=Identity("ada", "demo"),
        role="listener",
        publish=False,
        hidden=True,
        languages=frozenset({"en", "es-MX"}),
        name="Ada",
        admitted=True,
    )
    host = Grant(identity=Identity("bea", "demo"), role="host", subscribe=False)
    for grant in (guest, host):
        assert tokens.verify(tokens.issue_for(grant), "demo").gives_what(grant)


def test_coming_in_and_staying_are_two_times(tokens: Tokens) -> None:
    """Ten minutes to come in, twelve hours to stay."""
    issued = tokens.mint(ADA)
    assert issued.expires_at - time.time() == pytest.approx(600, abs=2)
    assert issued.ends_at - time.time() == pytest.approx(12 * 3600, abs=2)
    assert tokens.verify(issued.token, "demo").expires_at == issued.ends_at


def test_a_visit_that_is_to_end_soon_cannot_begin_later(tokens: Tokens) -> None:
    """Who may stay a minute has no ten to come in."""
    grant = Grant(identity=ADA.identity, expires_at=time.time() + 60)
    issued = tokens.mint(grant, lifetime_s=600)
    assert issued.expires_at == issued.ends_at == int(grant.expires_at or 0)


# Rotation.


def test_the_first_secret_signs_and_all_verify() -> None:
    """A new one is put in front; the old one goes when its tokens have ended."""
    old, new = f"2026a:{'a' * 32}", f"2026b:{'b' * 32}"
    before = Tokens(SignalingSettings(tokens=TokenSettings(secrets=(old,))))
    during = Tokens(SignalingSettings(tokens=TokenSettings(secrets=(new, old))))
    after = Tokens(SignalingSettings(tokens=TokenSettings(secrets=(new,))))
    earlier, later = before.issue("demo"), during.issue("demo")
    assert [jwt.get_unverified_header(token)["kid"] for token in (earlier, later)] == ["2026a", "2026b"]
    for verifier, token in ((during, earlier), (during, later), (after, later)):
        assert verifier.verify(token, "demo")
    with pytest.raises(TokenError, match="signed with an unknown key"):
        after.verify(earlier, "demo")


def test_tokens_of_the_unnamed_secret_go_on_beside_named_ones() -> None:
    """Whoever begins to name secrets does not end the tokens there are."""
    tokens = Tokens(SETTINGS)
    assert jwt.get_unverified_header(tokens.issue("demo"))["kid"] == "new"
    assert tokens.verify(signed(), "demo")


@pytest.mark.parametrize(
    "secret",
    [b"short", pem(rsa_key()), pem(ec_key()), json.dumps(jwk(ec_key(), "x")).encode()],
    ids=["short", "RSA", "EC", "JWK"],
)
def test_what_is_no_secret_is_refused(secret: bytes) -> None:
    """HS256 with fewer than 256 bits can be guessed (RFC 7518 section 3.2); a public key is known."""
    with pytest.raises(ValueError, match="a token secret"):
        Tokens(DEFAULTS, secret=secret)
    assert SECRET_BYTES == 32


# Resuming.


def test_a_resume_token_is_the_same_participant_for_longer(tokens: Tokens) -> None:
    """With it somebody comes back as themselves, hours later."""
    grant = tokens.verify(tokens.issue("demo", "p-1"), "demo")
    again = tokens.verify(token := tokens.issue_resume(grant), "demo")
    assert again.gives_what(grant)
    assert again.expires_at == grant.expires_at
    assert read(token)["exp"] - time.time() == pytest.approx(DEFAULTS.resume_lifetime_s, abs=5)


def test_a_resume_token_ends_with_the_visit(tokens: Tokens) -> None:
    """However often somebody comes back, nobody stays longer."""
    grant = tokens.verify(signed(exp=int(time.time()) + 90), "demo")
    for _ in range(3):
        grant = tokens.verify(tokens.issue_resume(grant), "demo")
        assert grant.expires_at is not None
        assert grant.expires_at - time.time() < 91


def test_a_resume_token_gives_no_more_than_the_first_one(tokens: Tokens) -> None:
    """A listener comes back as a listener, in the languages they may hear."""
    first = tokens.verify(signed(grants={"canPublish": False, "langs": ["en"]}), "demo")
    again = tokens.verify(tokens.issue_resume(first), "demo")
    assert (again.role, again.publish, again.languages) == ("listener", False, frozenset({"en"}))


@pytest.mark.parametrize("claimed", [{"jti": "visit-7"}, {}], ids=["by its name", "by its fingerprint"])
def test_revoking_the_first_token_ends_all_that_came_of_it(claimed: dict[str, Any]) -> None:
    """Also a resume token of a resume token; another visit of the same person goes on."""
    revocations = Revocations()
    tokens = Tokens(DEFAULTS, secret=SECRET, revocations=revocations)
    first = signed(**claimed)
    grant = tokens.verify(first, "demo")
    resumed = tokens.issue_resume(tokens.verify(tokens.issue_resume(grant), "demo"))
    other = tokens.issue("demo", "p-1")
    revocations.revoke(grant.token_id, time.time() + 60)
    for token in (first, resumed):
        with pytest.raises(TokenError, match="revoked"):
            tokens.verify(token, "demo")
    assert tokens.verify(other, "demo")


# Clocks.


def test_clocks_may_differ_a_little(tokens: Tokens) -> None:
    """Within the leeway, expired and not yet valid count as valid."""
    now = int(time.time())
    assert tokens.verify(signed(exp=now - 3), "demo")
    assert tokens.verify(signed(nbf=now + 3), "demo")
    assert tokens.verify(signed(iat=now + 3), "demo")


@pytest.mark.parametrize("times", [{"exp": -11}, {"nbf": 13}, {"iat": 13}], ids=str)
def test_but_not_more(tokens: Tokens, times: dict[str, Any]) -> None:
    """Ten seconds, as it is set."""
    with pytest.raises(TokenError, match=r"expired|not valid yet"):
        tokens.verify(signed(**{name: int(time.time()) + shift for name, shift in times.items()}), "demo")


# Public keys.


def test_issuers_do_not_speak_for_each_other(tmp_path: Path) -> None:
    """A key counts for its own issuer and audience only: neither takes the other's names."""
    (file := tmp_path / "jwks.json").write_bytes(jwk_set(jwk(rsa_key(), "rsa-1")))
    keys = TokenSettings(jwks_file=str(file), jwks_issuer="https://id.example.org", jwks_audience="rooms")
    settings = SignalingSettings(token_secret=SECRET.decode(), tokens=keys)
    tokens = Tokens(settings, source=opened(JwksSource(keys)))
    theirs: dict[str, Any] = {"iss": "https://id.example.org", "aud": "rooms"}
    assert tokens.verify(signed(rsa_key(), "RS256", **theirs), "demo")
    assert tokens.verify(signed(), "demo")
    for token in (signed(rsa_key(), "RS256"), signed(**theirs)):
        with pytest.raises(TokenError, match="of another issuer"):
            tokens.verify(token, "demo")


async def test_a_new_public_key_is_looked_for_once(tmp_path: Path) -> None:
    """The first token with it brings it here; tokens with names of no key bring nothing about."""
    (file := tmp_path / "jwks.json").write_bytes(jwk_set(jwk(rsa_key(), "rsa-1")))
    keys = TokenSettings(jwks_file=str(file), jwks_hurry_s=1.0)
    source = JwksSource(keys)
    tokens = Tokens(SignalingSettings(tokens=keys), source=source)
    new = signed(ec_key(), "ES256", headers={"kid": "ec-1"})
    async with source.open():
        file.write_bytes(jwk_set(jwk(rsa_key(), "rsa-1"), jwk(ec_key(), "ec-1")))
        with pytest.raises(TokenError, match="unknown key"):
            await tokens.check(new, "demo")
        source._looked_at -= 1.0
        assert (await tokens.check(new, "demo")).gives_what(ADA)
        looks = source._looks
        for _ in range(5):
            with pytest.raises(TokenError, match="unknown key"):
                await tokens.check(signed(ec_key(), "ES256", headers={"kid": "none"}), "demo")
        assert source._looks == looks


async def test_a_secret_that_is_unknown_is_looked_for_nowhere(tmp_path: Path) -> None:
    """Secrets are set, not fetched."""
    (file := tmp_path / "jwks.json").write_bytes(JWKS)
    source = JwksSource(TokenSettings(jwks_file=str(file), jwks_hurry_s=1.0))
    async with source.open():
        source._looked_at -= 1.0
        with pytest.raises(TokenError, match="unknown key"):
            await Tokens(SETTINGS, source=source).check(signed(headers={"kid": "2024"}), "demo")
        assert source._looks == 1


def test_the_algorithms_are_three() -> None:
    """No setting and no token adds to them."""
    assert ALGORITHMS == ("HS256", "RS256", "ES256")


def test_a_token_of_the_form_that_services_make_today(tokens: Tokens) -> None:
    """With a plain `room` and neither `jti` nor `grants`; it ends the visit when it expires."""
    content = claims()
    grant = tokens.verify(jwt.encode(content, SECRET), "demo")
    assert (grant.role, grant.publish, grant.expires_at) == ("speaker", True, content["exp"])
