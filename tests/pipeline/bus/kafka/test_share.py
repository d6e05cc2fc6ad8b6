"""How far a member is in its partitions."""

from pipeline.bus.kafka.share import Share


def taken(share: Share, partition: int, *offsets: int) -> list[int]:
    """Say which of the records that Kafka delivers are passed on."""
    return [offset for offset in offsets if share.takes(partition, offset)]


def share_of(*partitions: int) -> Share:
    share = Share()
    share.assign(partitions)
    return share


def test_records_of_other_partitions_are_not_taken() -> None:
    """Neither before a share is known nor of what is not in it."""
    share = Share()
    assert not share.takes(0, 5)
    share.assign([1])
    assert (taken(share, 0, 5), taken(share, 1, 5, 6)) == ([], [5, 6])


def test_a_rebalance_disturbs_nobody_whose_partitions_stay() -> None:
    """Kafka delivers from the last commit on; what was delivered before is passed over."""
    share = share_of(0)
    taken(share, 0, 10, 11, 12)
    share.note_done(0, 10)
    share.note_committed(share.to_commit())
    share.assign([0, 1])
    assert taken(share, 0, 11, 12, 13) == [13]


def test_a_partition_that_somebody_else_had_meanwhile_begins_again() -> None:
    """Its first record is behind what this member committed, so another one did: all that follows is delivered."""
    share = share_of(0)
    taken(share, 0, 10, 11, 12)
    share.assign([0])
    assert taken(share, 0, 11, 12, 13) == [11, 12, 13]


def test_what_was_fetched_before_a_rebalance_still_counts() -> None:
    """The next in order is taken, and what comes again behind it is passed over."""
    share = share_of(0)
    taken(share, 0, 10, 11)
    share.assign([0])
    assert taken(share, 0, 12, 10, 11, 12, 13) == [12, 13]


def test_a_partition_that_was_lost_and_came_back_begins_again() -> None:
    """From wherever Kafka says."""
    share = share_of(0)
    taken(share, 0, 10, 11)
    share.assign([1])
    share.assign([0])
    assert taken(share, 0, 10, 11) == [10, 11]


def test_only_news_is_committed() -> None:
    """The furthest record of each partition counts, once, and only of those that are the member's."""
    share = share_of(0, 1)
    taken(share, 0, 10, 11, 12)
    taken(share, 1, 3)
    assert share.to_commit() == {}
    for partition, offset in ((0, 11), (0, 10), (1, 3), (2, 7)):
        share.note_done(partition, offset)
    assert share.to_commit() == {0: 12, 1: 4}
    share.note_committed({0: 12})
    assert share.to_commit() == {1: 4}
    share.assign([0])
    assert share.to_commit() == {}


def test_a_share_says_where_it_is() -> None:
    """Behind what was delivered last; nowhere before anything was."""
    share = share_of(0)
    assert share.position(0) is None
    taken(share, 0, 10, 11)
    assert (share.position(0), share.position(1), share.partitions) == (12, None, frozenset({0}))
