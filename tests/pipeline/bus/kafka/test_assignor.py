"""Sharing out within a Kafka group."""

from types import SimpleNamespace

from pipeline.bus.kafka.assignor import KeepingAssignor

CLUSTER = SimpleNamespace(partitions_for_topic=lambda topic: set(range(12)) if topic == "audio.raw" else None)

Members = dict[str, KeepingAssignor]


def rebalance(members: Members) -> dict[str, set[int]]:
    """Let the first member lead; tell each what it has, as the broker does."""
    told = {name: assignor.metadata(["audio.raw"]) for name, assignor in members.items()}
    assignments = next(iter(members.values())).assign(CLUSTER, told)
    for name, assignor in members.items():
        assignor.on_assignment(assignments[name])
    return {name: {partition for _, partition in assignments[name].partitions()} for name in members}


def test_shares_are_even_and_complete() -> None:
    """Each has as many as any other, and nothing is left over."""
    shares = rebalance({name: KeepingAssignor() for name in "abc"})
    assert sorted(map(len, shares.values())) == [4, 4, 4]
    assert set().union(*shares.values()) == set(range(12))


def test_whoever_stays_keeps_what_it_has() -> None:
    """When one joins, only what it gets is taken from others; when it leaves, only that moves."""
    members: Members = {"a": KeepingAssignor(), "b": KeepingAssignor()}
    before = rebalance(members)
    during = rebalance(members | {"c": KeepingAssignor()})
    after = rebalance(members)
    for name in members:
        assert during[name] < before[name]
        assert during[name] < after[name]


def test_a_topic_that_is_not_known_yet_gives_nobody_anything() -> None:
    """The group is asked again once it is."""
    assignor = KeepingAssignor()
    told = {"a": assignor.metadata(["nowhere"])}
    assert assignor.assign(CLUSTER, told)["a"].partitions() == []


def test_what_another_version_tells_is_passed_over() -> None:
    """Its partitions are shared out like those of a newcomer."""
    assignor = KeepingAssignor()
    told = {"a": assignor.metadata(["audio.raw"]), "b": assignor.metadata(["audio.raw"])}
    told["b"].user_data = b"\xc1"
    assert [len(each.partitions()) for each in assignor.assign(CLUSTER, told).values()] == [6, 6]
