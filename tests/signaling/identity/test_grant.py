"""Tests for the rights that a token gives."""

from signaling.identity.grant import Grant, Identity


def test_a_grant_is_for_one_person_in_one_room() -> None:
    """Who and where stand in the identity, and are told by the grant."""
    grant = Grant(identity=Identity("ada", "demo"))
    assert (grant.participant_id, grant.room_id) == ("ada", "demo")


def test_the_same_person_with_another_token_is_the_same_identity() -> None:
    """Two grants that differ in what they allow can be of one identity."""
    host = Grant(identity=Identity("ada", "demo"), role="host", name="Ada")
    assert host.identity == Grant(identity=Identity("ada", "demo")).identity
    assert host.is_host
