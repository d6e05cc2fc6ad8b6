"""A group that shares out a topic: who has which partition, and how far each has come. No I/O."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

M = TypeVar("M")


def share_out(owners: Sequence[M | None], members: Iterable[M]) -> list[M | None]:
    """Give each partition to a member: the same number to each, or one more. None if there are no members.

    `owners` says whose each partition was; it stays with its owner as long as that is fair. What moves goes to
    whoever has least, the first of the members among equals.
    """
    load = dict.fromkeys(members, 0)
    new_owners = _kept(owners, load)
    for partition, owner in enumerate(new_owners):
        if owner is None and load:
            owner = new_owners[partition] = min(load, key=lambda member: load[member])
            load[owner] += 1
    return new_owners


def _kept(owners: Sequence[M | None], load: dict[M, int]) -> list[M | None]:
    """Give the owners that keep their partition, and count those in `load`."""
    share, spare = divmod(len(owners), len(load) or 1)
    kept: list[M | None] = [None] * len(owners)
    for partition, owner in enumerate(owners):
        if owner is None or owner not in load or load[owner] > share or (load[owner] == share and not spare):
            continue
        spare -= load[owner] == share
        load[owner] += 1
        kept[partition] = owner
    return kept


class Member:
    """One member of a group, known by being itself."""


class Group:
    """Partitions and their owners; what is not committed starts again with a new owner."""

    def __init__(self, oldest: Sequence[int]) -> None:
        """Start at the oldest offset of each partition."""
        self._members: list[Member] = []
        self._owners: list[Member | None] = [None] * len(oldest)
        # Per partition: everything before it need not be delivered again; the next to deliver to the owner.
        self.committed = list(oldest)
        self.position = list(oldest)

    def __bool__(self) -> bool:
        """Whether it has members."""
        return bool(self._members)

    def join(self, member: Member) -> None:
        self._members.append(member)
        self._share_out()

    def leave(self, member: Member) -> None:
        """Take a member's partitions away. Harmless if it has left already."""
        if member in self._members:
            self._members.remove(member)
            self._share_out()

    def partitions(self, member: Member) -> frozenset[int]:
        """Give the partitions that are a member's now."""
        return frozenset(number for number, owner in enumerate(self._owners) if owner is member)

    def commit(self, member: Member, partition: int, offset: int) -> None:
        """Note that a record and all before it are done, if the partition is still the member's."""
        if self._owners[partition] is member:
            self.committed[partition] = max(self.committed[partition], offset + 1)

    def skip_to(self, partition: int, oldest: int) -> None:
        """Note that what was before this offset is gone."""
        self.committed[partition] = max(self.committed[partition], oldest)
        self.position[partition] = max(self.position[partition], oldest)

    def _share_out(self) -> None:
        owners = share_out(self._owners, self._members)
        for partition, (owner, previous) in enumerate(zip(owners, self._owners, strict=True)):
            if owner is not previous:
                self.position[partition] = self.committed[partition]
        self._owners = owners
