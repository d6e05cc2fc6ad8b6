"""Sharing partitions out."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.bus.group import Group, Member


def test_a_lone_member_has_everything() -> None:
    """And nobody has anything once it has left."""
    group, member = Group([0] * 12), Member()
    group.join(member)
    assert group.partitions(member) == frozenset(range(12))
    group.leave(member)
    group.leave(member)
    assert (group.partitions(member), bool(group)) == (frozenset(), False)


def test_a_partition_starts_again_behind_the_last_commit_when_it_changes_hands() -> None:
    """What the new owner gets is what the old one had not committed; what stays is not delivered again."""
    group, one, two = Group([0, 0]), Member(), Member()
    group.join(one)
    group.position = [5, 5]
    group.commit(one, 0, 2)
    group.commit(one, 1, 2)
    group.join(two)
    (moved,), (stayed,) = group.partitions(two), group.partitions(one)
    assert (group.position[moved], group.position[stayed]) == (3, 5)


@given(st.integers(1, 24), st.lists(st.integers(0, 5), max_size=12))
def test_every_partition_has_one_owner_and_shares_are_even(partitions: int, comings_and_goings: list[int]) -> None:
    """Whoever comes and goes, all is shared out evenly."""
    group, members = Group([0] * partitions), [Member() for _ in range(6)]
    present: list[Member] = []
    for number in comings_and_goings:
        member = members[number]
        if member in present:
            present.remove(member)
            group.leave(member)
        else:
            present.append(member)
            group.join(member)
        shares = [group.partitions(one) for one in present]
        assert sum(map(len, shares)) == (partitions if present else 0)
        assert frozenset().union(*shares) == (frozenset(range(partitions)) if present else frozenset())
        sizes = [len(share) for share in shares]
        assert max(sizes, default=0) - min(sizes, default=0) <= 1


def test_who_stays_keeps_what_is_fair() -> None:
    """A third member takes from both, and they keep the rest."""
    group, members = Group([0] * 12), [Member() for _ in range(3)]
    group.join(members[0])
    group.join(members[1])
    before = [group.partitions(member) for member in members]
    group.join(members[2])
    for member, had in zip(members[:2], before, strict=False):
        assert group.partitions(member) < had
