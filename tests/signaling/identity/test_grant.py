"""Tests for the rights that a token gives."""

import pytest

from signaling.identity.grant import Grant, Identity, LanguageNotAllowedError

ADA = Identity("ada", "demo")
ONE, TWO = "one", "two"


def test_a_grant_is_for_one_person_in_one_room() -> None:
    """Who and where stand in the identity, and are told by the grant."""
    grant = Grant(identity=ADA)
    assert (grant.participant_id, grant.room_id) == ("ada", "demo")


def test_the_same_person_with_another_token_is_the_same_identity() -> None:
    """Two grants that differ in what they allow can be of one identity."""
    host = Grant(identity=ADA, role="host", name="Ada")
    assert host.identity == Grant(identity=ADA).identity
    assert host.is_host


@pytest.mark.parametrize(
    ("allowed", "language", "allows"),
    [
        (None, "tlh", True),
        (None, "auto", True),
        (frozenset({"en", "es"}), "es", True),
        (frozenset({"en", "es"}), "es-MX", True),
        (frozenset({"es-MX"}), "es", True),
        (frozenset({"zh"}), "zh-Hant", True),
        (frozenset({"en", "es"}), "fr", False),
        (frozenset({"zh"}), "yue", False),
        (frozenset({"en"}), "auto", False),
        (frozenset[str](), "en", False),
    ],
)
def test_languages_are_allowed_as_they_are_spoken(allowed: frozenset[str] | None, language: str, allows: bool) -> None:
    """Region and script do not count; what could become any language is for those who may all."""
    assert Grant(identity=ADA, languages=allowed).allows(language) is allows


def test_a_language_that_is_not_allowed_is_refused_with_those_that_are() -> None:
    """Each of several is looked at."""
    grant = Grant(identity=ADA, languages=frozenset({"es", "en"}))
    grant.require("en", "es-AR")
    with pytest.raises(LanguageNotAllowedError, match=r"^'fr' is not open to you here; these are: en, es$"):
        grant.require("en", "fr")


def test_the_same_rights_are_told_from_others() -> None:
    """Tokens and times do not count; everything else does."""
    grant = Grant(identity=ADA, token_id=ONE, origin_id=ONE, expires_at=1.0)
    assert grant.gives_what(Grant(identity=ADA, token_id=TWO, origin_id=ONE, expires_at=2.0))
    assert not grant.gives_what(Grant(identity=ADA, role="host"))
    assert not grant.gives_what(Grant(identity=Identity("bea", "demo")))


def test_a_grant_ends_with_its_own_token_and_with_the_first() -> None:
    """One that came of no other has one id; one without a token has none."""
    assert Grant(identity=ADA, token_id=ONE, origin_id=TWO).revocable_ids == (ONE, TWO)
    assert Grant(identity=ADA, token_id=ONE, origin_id=ONE).revocable_ids == (ONE,)
    assert Grant(identity=ADA).revocable_ids == ()
