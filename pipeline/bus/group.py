"""A group that shares out a topic: who has which partition, and how far each has come. No I/O."""

from collections.abc import Sequence


class Member:
    """One member of a group, known by being itself."""


class Group:
    """Partitions and their owners; what is not committed starts again with a new owner.

    A partition stays with its owner as long as that is fair: members have the same number of them, or one more.
    """

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
        load = dict.fromkeys(self._members, 0)
        owners = self._kept(load)
        for partition, previous in enumerate(self._owners):
            owner = owners[partition]
            if owner is None and load:
                owner = owners[partition] = min(load, key=lambda member: load[member])
                load[owner] += 1
            if owner is not previous:
                self.position[partition] = self.committed[partition]
        self._owners = owners

    def _kept(self, load: dict[Member, int]) -> list[Member | None]:
        """Give the owners that keep their partition, and count those in `load`."""
        share, spare = divmod(len(self._owners), len(load) or 1)
        owners: list[Member | None] = [None] * len(self._owners)
        for partition, owner in enumerate(self._owners):
            if owner is None or owner not in load or load[owner] > share or (load[owner] == share and not spare):
                continue
            spare -= load[owner] == share
            load[owner] += 1
            owners[partition] = owner
        return owners
