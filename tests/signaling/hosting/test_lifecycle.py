"""What happens in rooms, as others are told."""

from signaling.hosting.lifecycle import Lifecycle, LifecycleEvent


def happened(lifecycle: Lifecycle) -> list[LifecycleEvent]:
    """Give the list to which events are added as they happen."""
    events: list[LifecycleEvent] = []
    lifecycle.watch(events.append)
    return events


def kinds(events: list[LifecycleEvent]) -> list[tuple[str, str | None, str]]:
    return [(event.kind, event.participant_id, event.reason) for event in events]


def test_a_room_starts_with_the_first_and_ends_with_the_last() -> None:
    """In this order, each with its time; who comes twice came once, and who is not in cannot leave."""
    lifecycle = Lifecycle()
    events = happened(lifecycle)
    lifecycle.joined("demo", "ada")
    lifecycle.joined("demo", "ada")
    lifecycle.joined("demo", "bea")
    lifecycle.left("demo", "ada", "left")
    lifecycle.left("demo", "ada", "left")
    lifecycle.left("other", "bea", "left")
    lifecycle.left("demo", "bea", "gone")
    lifecycle.joined("demo", "ada")
    assert kinds(events) == [
        ("room_started", None, ""),
        ("participant_joined", "ada", ""),
        ("participant_joined", "bea", ""),
        ("participant_left", "ada", "left"),
        ("participant_left", "bea", "gone"),
        ("room_ended", None, "gone"),
        ("room_started", None, ""),
        ("participant_joined", "ada", ""),
    ]
    assert all(event.at_ms > 1_600_000_000_000 and event.room_id == "demo" for event in events)


def test_hidden_participants_are_in_no_event() -> None:
    """Neither do they make a room start, nor keep it from ending."""
    lifecycle = Lifecycle()
    events = happened(lifecycle)
    lifecycle.joined("demo", "spy", hidden=True)
    lifecycle.joined("demo", "ada")
    lifecycle.left("demo", "ada", "left")
    lifecycle.left("demo", "spy", "left")
    assert [event.participant_id for event in events] == [None, "ada", "ada", None]


def test_whoever_joins_at_the_end_starts_the_room_anew() -> None:
    """A watcher may let the next one in when the last one has left: the room goes on."""
    lifecycle = Lifecycle()
    events = happened(lifecycle)
    lifecycle.joined("demo", "ada")
    unwatch = lifecycle.watch(
        lambda event: lifecycle.joined("demo", "bea") if event.kind == "participant_left" else None
    )
    lifecycle.left("demo", "ada", "left")
    unwatch()
    assert "room_ended" not in [event.kind for event in events]
    lifecycle.left("demo", "bea", "left")
    assert events[-1].kind == "room_ended"
