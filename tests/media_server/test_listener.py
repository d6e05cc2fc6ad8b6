"""The receiving half: slots and what the page is told of them."""

import pytest

from media_server.events import Event, Notice, Original, RestoreOriginal, SlotChanged, SuppressOriginal
from media_server.listener import Listener
from media_server.notices import notice
from media_server.packet import AudioPacket
from media_server.paths import PathState
from media_server.settings import MediaSettings
from tests.fakes.clock import FakeClock
from tests.fakes.peers import FakeOutlet

PACKET = AudioPacket(1, 960, b"opus", 30, True, 1000.0)


class Seat:
    """A Listener with outlets, and what its page was told."""

    def __init__(self, *, language: str = "en", original: Original = "off", slots: int = 8) -> None:
        self.told: list[Event] = []
        self.clock = FakeClock()
        self.listener = Listener(
            language=language, original=original, events=self.told.append, settings=MediaSettings(), clock=self.clock
        )
        self.outlets = [FakeOutlet(str(number)) for number in range(1, slots + 1)]
        self.listener.connect(self.outlets)

    def consider(self, *speakers: str, speaking: str = "en", path: PathState = PathState.HEALTHY) -> None:
        for speaker in speakers:
            self.listener.consider(speaker, speaking=speaking, path=path, utterance_id=None)

    @property
    def codes(self) -> list[str]:
        return [event.code for event in self.told if isinstance(event, Notice)]


@pytest.fixture
def seat() -> Seat:
    return Seat()


@pytest.mark.parametrize(("slots", "floors"), [(8, 4), (2, 1), (3, 2), (1, 1), (0, 0)])
def test_outlets_are_shared_out(slots: int, floors: int) -> None:
    """Floor slots come first; a browser with fewer m-lines gets them in the same proportion."""
    kinds = [kind for _, kind in Seat(slots=slots).listener.slots]
    assert kinds == ["floor"] * floors + ["voice"] * (slots - floors)


def test_speaker_gets_a_slot_and_the_page_is_told(seat: Seat) -> None:
    """Whose floor is due and who sounds is seated, announced first."""
    seat.consider("ann")
    assert seat.listener.seat({"ann": -30.0}) == {"ann"}
    assert seat.told == [SlotChanged(mid="1", kind="floor", speaker_id="ann")]
    assert seat.listener.floor_outlet("ann") is seat.outlets[0]


def test_who_is_translated_gets_no_floor_slot(seat: Seat) -> None:
    """With the original off a translated speaker is not seated."""
    seat.consider("eva", speaking="es")
    assert seat.listener.seat({"eva": -30.0}) == set()
    assert not seat.listener.hears_floor("eva")


def test_slot_given_back_rests_first(seat: Seat) -> None:
    """A silenced speaker's slot rests, and the page is told that it carries nothing."""
    seat.consider("ann")
    seat.listener.seat({"ann": -30.0})
    seat.outlets[0].forward("floor:ann", PACKET)
    assert seat.listener.seat({}, silenced="ann") == {"ann"}
    assert seat.outlets[0].resting
    assert seat.told[-1] == SlotChanged(mid="1", kind="none")


def test_slot_changes_hands_with_a_rest_between(seat: Seat) -> None:
    """When one speaker takes another's slot the first one's talk spurt is ended."""
    seat = Seat(slots=1)
    seat.consider("ann", "bob")
    seat.listener.seat({"ann": -40.0})
    seat.outlets[0].forward("floor:ann", PACKET)
    for _ in range(12):
        seat.clock.advance(0.05)
        seat.listener.seat({"ann": -40.0, "bob": -20.0})
    assert seat.outlets[0].resting
    assert seat.told[-1] == SlotChanged(mid="1", kind="floor", speaker_id="bob")
    assert seat.listener.floor_outlet("ann") is None


def test_speaker_who_left_has_no_floor_but_a_voice(seat: Seat) -> None:
    """The floor is gone with them; the voice of what they said is still due."""
    seat = Seat(language="es", original="on")
    seat.consider("ann")
    seat.listener.utterance_started("ann", "u1")
    seat.listener.speaker_left("ann")
    assert not seat.listener.hears_floor("ann")
    assert seat.listener.voice_due("ann", "u1", 5)
    seat.listener.forget("ann")
    assert not seat.listener.voice_due("ann", "u1", 5)


def test_voice_is_announced_once(seat: Seat) -> None:
    """The first call gives a slot and tells; others give the same slot and tell nothing."""
    outlet = seat.listener.begin_voice("eva", "en")
    assert outlet is seat.outlets[4]
    assert seat.listener.begin_voice("eva", "en") is outlet
    assert seat.told == [
        SlotChanged(mid="5", kind="voice", speaker_id="eva", language="en"),
        SuppressOriginal(speaker_id="eva"),
    ]


def test_voice_that_ends_gives_the_original_back(seat: Seat) -> None:
    """The original is restored, the slot rests and is free; ending twice tells nothing."""
    seat.listener.begin_voice("eva", "en")
    seat.outlets[4].forward("voice:eva", PACKET)
    seat.told.clear()
    seat.listener.end_voice("eva")
    seat.listener.end_voice("eva")
    assert seat.told == [RestoreOriginal(speaker_id="eva"), SlotChanged(mid="5", kind="none")]
    assert seat.outlets[4].resting


def test_more_voices_than_slots(seat: Seat) -> None:
    """A fifth voice has no slot."""
    for speaker in "abcd":
        assert seat.listener.begin_voice(speaker, "en") is not None
    assert seat.listener.begin_voice("e", "en") is None


def test_new_connection_keeps_the_slots(seat: Seat) -> None:
    """With the same m-lines everybody stays where they are, on the new outlets, and nothing need be told."""
    seat.consider("ann")
    seat.listener.seat({"ann": -30.0})
    seat.listener.begin_voice("eva", "en")
    told = len(seat.told)
    fresh = [FakeOutlet(str(number)) for number in range(1, 9)]
    seat.listener.connect(fresh)
    assert seat.listener.floor_outlet("ann") is fresh[0]
    assert seat.listener.begin_voice("eva", "en") is fresh[4]
    assert seat.told[told:] == []


def test_connection_with_other_m_lines_starts_empty(seat: Seat) -> None:
    """What was on the old outlets has ended; speakers are seated anew."""
    seat.consider("ann")
    seat.listener.seat({"ann": -30.0})
    seat.listener.begin_voice("eva", "en")
    fresh = [FakeOutlet(f"m{number}") for number in range(1, 9)]
    seat.listener.connect(fresh)
    assert RestoreOriginal(speaker_id="eva") in seat.told
    assert seat.listener.floor_outlet("ann") is None
    assert seat.listener.seat({"ann": -30.0}) == {"ann"}
    assert seat.listener.floor_outlet("ann") is fresh[0]
    assert seat.listener.begin_voice("eva", "en") is fresh[4]


def test_what_holds_now_can_be_told_again(seat: Seat) -> None:
    """Slots that carry something, originals that give way, notices in force; nothing of what is over."""
    seat.consider("ann", "bob")
    seat.consider("eva", speaking="es", path=PathState.NONE)
    seat.listener.seat({"ann": -30.0, "bob": -30.0})
    seat.listener.seat({"ann": -30.0}, silenced="bob")
    seat.listener.begin_voice("ivo", "en")
    seat.listener.begin_voice("uta", "en")
    seat.listener.end_voice("uta")
    assert seat.listener.present() == [
        SlotChanged(mid="1", kind="floor", speaker_id="ann"),
        SlotChanged(mid="5", kind="voice", speaker_id="ivo", language="en"),
        SuppressOriginal(speaker_id="ivo"),
        notice("no_translation", "eva"),
    ]


def test_nothing_is_told_again_of_who_has_left() -> None:
    """A notice about them has no point any more."""
    seat = Seat()
    seat.consider("eva", speaking="es", path=PathState.NONE)
    seat.listener.speaker_left("eva")
    assert seat.listener.present() == []


def test_notices_come_when_things_change() -> None:
    """Told when the translation stops, not again while it is down, and when it is back."""
    seat = Seat(language="es")
    seat.consider("ann")
    assert seat.codes == []
    for path in (PathState.PAUSED, PathState.PAUSED, PathState.HEALTHY, PathState.HEALTHY):
        seat.consider("ann", path=path)
    assert seat.codes == ["translation_paused", "translation_resumed"]


def test_notices_of_another_language_are_its_own() -> None:
    """Choosing another language forgets what was told of the former one."""
    seat = Seat(language="cy")
    seat.consider("ann", path=PathState.NONE)
    seat.listener.language = "es"
    seat.consider("ann")
    assert seat.codes == ["no_translation"]


def test_missed_voice_is_told_if_it_was_due() -> None:
    """Only who would have heard it as a voice is concerned."""
    seat = Seat(language="es")
    seat.consider("ann")
    seat.listener.utterance_started("ann", "u1")
    seat.listener.voice_missed("ann", "u0")
    assert seat.codes == []
    seat.listener.voice_missed("ann", "u1")
    assert seat.codes == ["translation_paused"]
    assert seat.listener.hears_floor("ann")


def test_voice_that_rests_gives_way(seat: Seat) -> None:
    """With all slots taken the longest silent voice loses its own to the next one; one that went on keeps it."""
    for speaker in "abcd":
        seat.listener.begin_voice(speaker, "en")
    for speaker in "abc":
        seat.listener.rest_voice(speaker)
    seat.listener.begin_voice("a", "en")
    seat.told.clear()
    assert seat.listener.begin_voice("e", "en") is seat.outlets[5]
    assert seat.told == [
        RestoreOriginal(speaker_id="b"),
        SlotChanged(mid="6", kind="none"),
        SlotChanged(mid="6", kind="voice", speaker_id="e", language="en"),
        SuppressOriginal(speaker_id="e"),
    ]
    seat.listener.end_voice("b")
    assert seat.listener.begin_voice("e", "en") is seat.outlets[5]


def test_voice_that_rests_sends_a_rest(seat: Seat) -> None:
    """Its slot is quiet but kept, and the page is told nothing; a voice without a slot has nothing to rest."""
    seat.listener.begin_voice("eva", "en")
    seat.outlets[4].forward("voice:eva", PACKET)
    seat.told.clear()
    seat.listener.rest_voice("eva")
    seat.listener.rest_voice("ann")
    assert seat.outlets[4].resting
    assert seat.told == []


def test_floors_of_an_earlier_connection_are_taken_back(seat: Seat) -> None:
    """The page is told that the slots it knew carry nothing before it is told of the new ones."""
    seat.consider("ann")
    seat.listener.seat({"ann": -30.0})
    seat.told.clear()
    seat.listener.connect([FakeOutlet(str(number)) for number in range(11, 19)])
    seat.listener.seat({"ann": -30.0})
    assert seat.told == [
        SlotChanged(mid="1", kind="none"),
        SlotChanged(mid="11", kind="floor", speaker_id="ann"),
    ]


def test_without_a_voice_slot_the_original_is_heard() -> None:
    """Whose browser has no slot for voices hears everybody as they are."""
    seat = Seat(language="es", slots=1)
    seat.consider("ann")
    assert seat.listener.hears_floor("ann")
    assert seat.codes == ["no_translation"]


def test_an_utterance_is_told_only_of_speakers_that_are_known() -> None:
    """A listener is in the middle of what those say whom they were told of."""
    listener = Listener(
        language="es", original="off", events=lambda _: None, settings=MediaSettings(), clock=FakeClock()
    )
    assert listener.open_utterance("ann") is None
    listener.consider("ann", speaking="en", path=PathState.HEALTHY, utterance_id="u1")
    assert listener.open_utterance("ann") == "u1"


def test_it_says_what_was_sent_in_each_slot(seat: Seat) -> None:
    """Floors first, with who sits there now; a voice with its language."""
    seat.consider("ann")
    seat.listener.seat({"ann": -30.0})
    outlet = seat.listener.begin_voice("eva", "en")
    assert outlet is not None
    outlet.forward("voice:eva", PACKET)
    slots = seat.listener.forwarded()
    assert [slot.kind for slot in slots] == ["floor"] * 4 + ["voice"] * 4
    assert (slots[0].speaker_id, slots[0].packets) == ("ann", 0)
    eva = next(slot for slot in slots if slot.speaker_id == "eva")
    assert (eva.mid, eva.language, eva.packets, eva.octets) == (outlet.mid, "en", 1, len(PACKET.payload))
