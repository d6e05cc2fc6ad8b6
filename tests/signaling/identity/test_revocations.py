"""Tokens that count no more: here, and on other nodes."""

import asyncio
import time
from collections.abc import Iterable

import pytest
from structlog.testing import capture_logs

from signaling.identity import revocations as module
from signaling.identity.grant import Grant, Identity
from signaling.identity.revocations import Revocation, Revocations, RevocationsFullError
from tests.support.until import until

LATER = time.time() + 3600


class Shelf:
    """A store that all nodes reach, unless it is away or broken."""

    def __init__(self) -> None:
        self.kept: dict[str, float] = {}
        self.fault: Exception | None = None

    async def add(self, revocation: Revocation) -> None:
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        self.kept[revocation.token_id] = revocation.until

    async def all(self) -> Iterable[Revocation]:
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        return [Revocation(*each) for each in self.kept.items()]


def test_a_revoked_token_counts_no_more() -> None:
    """Others go on; after its own time it would be over anyway."""
    now = 1000.0
    revocations = Revocations(now=lambda: now)
    revocations.revoke("one", 1060.0)
    assert revocations.is_revoked("one")
    assert not revocations.is_revoked("two")
    now = 1061.0
    assert not revocations.is_revoked("one")


def test_to_revoke_again_never_shortens() -> None:
    """Whoever revokes for longer is right."""
    revocations = Revocations(now=lambda: 1000.0)
    revocations.revoke("one", 1060.0)
    revocations.revoke("one", 900.0)
    assert revocations.is_revoked("one")


def test_a_grant_ends_with_the_token_its_visit_began_with() -> None:
    """Also if it came by a resume token."""
    revocations = Revocations()
    first, second = "first", "second"
    resumed = Grant(identity=Identity("ada", "demo"), token_id=second, origin_id=first)
    assert not revocations.ends(resumed)
    revocations.revoke(first, LATER)
    assert revocations.ends(resumed)


def test_when_full_nothing_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over makes room; otherwise no more is taken, rather than that a door opens again."""
    monkeypatch.setattr(module, "_MOST", 2)
    now = 1000.0
    revocations = Revocations(now=lambda: now)
    revocations.revoke("one", 1060.0)
    revocations.revoke("two", 2000.0)
    with pytest.raises(RevocationsFullError, match="change the secret instead"):
        revocations.revoke("three", 2000.0)
    with capture_logs() as lines:
        revocations.adopt([Revocation("three", 2000.0)])
    assert [line["event"] for line in lines] == ["revocations_full"]
    assert not revocations.is_revoked("three")
    now = 1061.0
    revocations.revoke("three", 2000.0)
    assert revocations.is_revoked("two")
    assert revocations.is_revoked("three")


def test_watchers_hear_of_news_only() -> None:
    """From here and from elsewhere; not of what was known."""
    revocations = Revocations()
    heard: list[str] = []
    unwatch = revocations.watch(lambda: heard.append("news"))
    revocations.revoke("one", LATER)
    revocations.adopt([Revocation("one", LATER), Revocation("two", LATER)])
    revocations.adopt([Revocation("two", LATER)])
    assert heard == ["news", "news"]
    unwatch()
    revocations.revoke("three", LATER)
    assert len(heard) == 2


async def test_what_one_node_revokes_all_refuse() -> None:
    """Also one that starts later."""
    shelf = Shelf()
    here, there = Revocations(), Revocations()
    async with here.shared(shelf):
        here.revoke("one", LATER)
        await until(lambda: "one" in shelf.kept)
    async with there.shared(shelf):
        await until(lambda: there.is_revoked("one"))


async def test_another_nodes_word_is_found_if_it_got_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a look now and then."""
    monkeypatch.setattr(module, "_LOOK_S", 0.01)
    shelf, revocations = Shelf(), Revocations()
    async with revocations.shared(shelf):
        await asyncio.sleep(0.02)
        shelf.kept["one"] = LATER
        await until(lambda: revocations.is_revoked("one"))


@pytest.mark.parametrize("fault", [ConnectionRefusedError(), KeyError("broken")], ids=["away", "broken"])
async def test_a_store_that_fails_is_told_later(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the token ends at once; a store that breaks does not end the sharing."""
    monkeypatch.setattr(module, "_RETRY_S", 0.01)
    shelf, revocations = Shelf(), Revocations()
    shelf.fault = fault
    with capture_logs() as lines:
        async with revocations.shared(shelf):
            revocations.revoke("one", LATER)
            assert revocations.is_revoked("one")
            await until(lambda: bool(lines))
            shelf.fault = None
            await until(lambda: "one" in shelf.kept)
    assert {line["event"] for line in lines} == {"revocations_not_shared"}
