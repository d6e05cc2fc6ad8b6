"""Who sits in which slot."""

from hypothesis import given
from hypothesis import strategies as st

from media_server.slots import SlotAssigner, SlotChange, VoiceSlots

SPEAKERS = ("ann", "bob", "cai", "dee", "eve", "fay")
EVERYBODY = frozenset(SPEAKERS)


def test_whoever_speaks_gets_a_slot_loudest_first() -> None:
    """With too few slots the loudest get them."""
    slots = SlotAssigner(2)
    changes = slots.assign({"ann": -40.0, "bob": -20.0, "cai": -30.0}, EVERYBODY, 0.0)
    assert changes == [SlotChange(0, "bob"), SlotChange(1, "cai")]


def test_speaker_keeps_the_slot_through_a_pause() -> None:
    """A pause shorter than the hold changes nothing; a longer one frees the slot."""
    slots = SlotAssigner(1, hold_s=2.0)
    slots.assign({"ann": -30.0}, EVERYBODY, 0.0)
    assert slots.assign({}, EVERYBODY, 1.9) == []
    assert slots.assign({"ann": -30.0}, EVERYBODY, 2.5) == []
    assert slots.assign({}, EVERYBODY, 4.6) == [SlotChange(0, None)]


def test_little_louder_displaces_nobody() -> None:
    """Less than 6 dB is not enough, however long it lasts."""
    slots = SlotAssigner(1)
    slots.assign({"ann": -30.0}, EVERYBODY, 0.0)
    for step in range(100):
        assert slots.assign({"ann": -30.0, "bob": -25.0}, EVERYBODY, step * 0.05) == []


def test_much_louder_displaces_after_a_while() -> None:
    """6 dB for 500 ms is enough; a short shout is not."""
    slots = SlotAssigner(1)
    slots.assign({"ann": -30.0}, EVERYBODY, 0.0)
    assert slots.assign({"ann": -30.0, "bob": -24.0}, EVERYBODY, 0.1) == []
    assert slots.assign({"ann": -30.0, "bob": -29.0}, EVERYBODY, 0.3) == []
    assert slots.assign({"ann": -30.0, "bob": -24.0}, EVERYBODY, 0.4) == []
    assert slots.assign({"ann": -30.0, "bob": -24.0}, EVERYBODY, 0.8) == []
    assert slots.assign({"ann": -30.0, "bob": -24.0}, EVERYBODY, 0.9) == [SlotChange(0, "bob")]


def test_who_has_fallen_silent_gives_way_at_once() -> None:
    """With all slots taken a newcomer's first word is heard where somebody's last one was half a second ago."""
    slots = SlotAssigner(2)
    slots.assign({"ann": -30.0, "bob": -20.0}, EVERYBODY, 0.0)
    slots.assign({"ann": -30.0}, EVERYBODY, 0.4)
    assert slots.assign({"ann": -30.0, "cai": -35.0}, EVERYBODY, 0.45) == []
    assert slots.assign({"ann": -30.0, "cai": -35.0}, EVERYBODY, 0.5) == [SlotChange(0, "cai")]
    assert slots.assign({"ann": -30.0, "cai": -35.0, "bob": -40.0}, EVERYBODY, 0.6) == []


def test_whose_floor_is_not_due_loses_the_slot_at_once() -> None:
    """Muted, gone, or heard as a voice from now on: the slot is free."""
    slots = SlotAssigner(2)
    slots.assign({"ann": -30.0, "bob": -30.0}, EVERYBODY, 0.0)
    assert slots.assign({"ann": -30.0, "bob": -30.0}, {"bob"}, 0.02) == [SlotChange(0, None)]


def test_speaker_returns_to_the_usual_slot() -> None:
    """Whoever speaks again gets the slot they had, if it is free; a newcomer rather gets another one."""
    slots = SlotAssigner(3, hold_s=1.0)
    slots.assign({"ann": -30.0}, EVERYBODY, 0.0)
    slots.assign({"bob": -30.0}, EVERYBODY, 0.1)
    slots.assign({}, EVERYBODY, 5.0)
    assert slots.assign({"cai": -30.0}, EVERYBODY, 6.0) == [SlotChange(2, "cai")]
    assert slots.assign({"bob": -30.0}, EVERYBODY, 6.1) == [SlotChange(1, "bob")]


def test_without_slots_nobody_sits() -> None:
    """A browser that has not connected yet has no slots, and that is no error."""
    assert SlotAssigner(0).assign({"ann": -30.0}, EVERYBODY, 0.0) == []


STEPS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(SPEAKERS), st.floats(-60, 0), max_size=6),
        st.frozensets(st.sampled_from(SPEAKERS), min_size=2),
        st.floats(0.01, 1.0),
    ),
    max_size=60,
)


@given(count=st.integers(1, 4), steps=STEPS)
def test_assignments_hold_together(count: int, steps: list[tuple[dict[str, float], frozenset[str], float]]) -> None:
    """Nobody sits twice or without being due; free slots are never refused; at most one is displaced at a time."""
    slots = SlotAssigner(count)
    now = 0.0
    for loudness, entitled, passed in steps:
        now += passed
        before = list(slots.seats)
        changes = slots.assign(loudness, entitled, now)
        seated = [speaker for speaker in slots.seats if speaker is not None]
        assert len(seated) == len(set(seated))
        assert set(seated) <= entitled
        unseated = (loudness.keys() & entitled) - set(seated)
        assert not unseated or None not in slots.seats
        displaced = [before[slot] for slot, speaker in changes if before[slot] in entitled and speaker is not None]
        silent = [speaker for speaker in displaced if speaker not in loudness]
        assert len(displaced) - len(silent) <= 1
        assert all(slots.seats[slot] == speaker for slot, speaker in changes)
        assert all(slots.slot_of(speaker) == slots.seats.index(speaker) for speaker in seated)


@given(steps=STEPS)
def test_talkers_are_not_moved(steps: list[tuple[dict[str, float], frozenset[str], float]]) -> None:
    """While somebody talks they stay in the slot they have, unless they lose it to somebody."""
    slots = SlotAssigner(3)
    now = 0.0
    for loudness, _, passed in steps:
        now += passed
        before = list(slots.seats)
        slots.assign(loudness, EVERYBODY, now)
        for slot, speaker in enumerate(before):
            if speaker in loudness and speaker in slots.seats:
                assert slots.seats[slot] == speaker


def test_voice_keeps_its_slot_and_gets_it_again() -> None:
    """A voice asks twice for the same slot, and finds it again after giving it back."""
    slots = VoiceSlots(2)
    assert slots.take("ann") == 0
    assert slots.take("ann") == 0
    assert slots.take("bob") == 1
    assert slots.release("ann") == 0
    assert slots.release("bob") == 1
    assert slots.take("bob") == 1
    assert slots.take("ann") == 0


def test_voices_do_not_share() -> None:
    """With all slots taken there is none; one given back goes to whoever asks."""
    slots = VoiceSlots(1)
    assert slots.take("ann") == 0
    assert slots.take("bob") is None
    slots.release("ann")
    assert slots.take("bob") == 0
    assert slots.take("ann") is None
    assert slots.release("ann") is None


def test_longest_silent_voice_is_the_one_to_give_way() -> None:
    """Voices that rest are known in the order in which they fell silent; who sounds or left is not among them."""
    slots = VoiceSlots(3)
    for speaker in ("ann", "bob", "cai"):
        slots.take(speaker)
    assert slots.longest_resting is None
    for speaker in ("ann", "bob", "cai", "nobody"):
        slots.rest(speaker)
    slots.take("ann")
    slots.release("bob")
    assert slots.longest_resting == "cai"
