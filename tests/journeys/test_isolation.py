"""Whatever people do, in whatever order: nobody gets a packet or a caption of another room, or of another language.

Nor of themselves, and nobody is left in silence where something is due. Rooms, bus and captions are real; browsers,
analysis and workers are scripted, and time is the test's (tests/fakes/town.py).
"""

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from media_server.analysis.segments import Ended, Sound, Started
from media_server.paths import PathState
from media_server.targets import tongue
from pipeline.messages import Speech
from pipeline.messages.language import hears, reads
from signaling.captions.caption import Caption, Reader
from tests.fakes.analysis import PCM_100_MS
from tests.fakes.town import VOICE_PACKETS, Person, Received, Town

T = TypeVar("T")

ROOMS = ("north", "south", "east")
NAMES = ("ann", "bob", "cai", "dan", "eve")
# German is heard by nobody's recogniser; nothing translates Spanish into French.
SPOKEN = ("en", "en-GB", "es", "es-MX", "de")
LISTENED = ("en", "en-US", "es", "es-MX", "fr", "de")
ORIGINALS = ("off", "off", "low", "on")

# Steps of one run, and runs: `make test` takes some hundred, `make soak` 10,000, and this variable any number.
STEPS = int(os.environ.get("PARLEY_TEST_STEPS", "0"))


# How often a whole utterance was heard and read, and how: an empty house proves nothing.
HEARD: Counter[str] = Counter()


class Gathering(RuleBasedStateMachine):
    """People in three rooms, who come, go, talk and change their minds."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.town: Town = self.run_async(Town().__aenter__())
        # (listener, speaker, utterance) that the listener may hear out as it is: they could not follow it as a voice
        # from its beginning.
        self.heard_out: set[tuple[Person, str, str | None]] = set()
        # Readers on the captions socket: (room, language, what they got, how much of it was looked at).
        self.readers: list[tuple[str, str | None, list[Caption]]] = []
        self.steps = 0

    def run_async(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run_async(self.town.__aexit__(None, None, None))
        self.runner.close()

    # Who is there.

    @property
    def people(self) -> list[Person]:
        return list(self.town.people.values())

    @property
    def silent(self) -> list[Person]:
        """Those who could begin to talk."""
        return [person for person in self.people if not person.muted and person.utterance is None]

    def neighbours(self, person: Person) -> list[Person]:
        return [other for other in self.people if other.room == person.room and other is not person]

    def someone(self, data: st.DataObject) -> Person:
        return self.people[data.draw(st.integers(0, len(self.people) - 1))]

    def excuse(self, listeners: list[Person], speakers: list[Person]) -> None:
        """Let what is being said now be heard out as it is."""
        for listener in listeners:
            for speaker in speakers:
                if speaker.room == listener.room and speaker.utterance is not None:
                    self.heard_out.add((listener, speaker.name, speaker.utterance))

    # What they do.

    @initialize(
        tongues=st.lists(
            st.tuples(st.sampled_from(SPOKEN), st.sampled_from(LISTENED), st.sampled_from(ORIGINALS)),
            min_size=9,
            max_size=9,
        )
    )
    def meet(self, tongues: list[tuple[str, str, Any]]) -> None:
        """Three people in each room to begin with."""
        for number, (speaks, listens, original) in enumerate(tongues):
            self.run_async(self.town.join(ROOMS[number % 3], NAMES[number // 3], speaks, listens, original))

    @rule(
        room=st.sampled_from(ROOMS),
        name=st.sampled_from(NAMES),
        speaks=st.sampled_from(SPOKEN),
        listens=st.sampled_from(LISTENED),
        original=st.sampled_from(ORIGINALS),
    )
    def come(self, room: str, name: str, speaks: str, listens: str, original: Any) -> None:
        if (room, name) not in self.town.people:
            person = self.run_async(self.town.join(room, name, speaks, listens, original))
            self.excuse([person], self.neighbours(person))

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        person = self.someone(data)
        self.run_async(self.town.leave(person))
        self.check_sounds(person)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), language=st.sampled_from(LISTENED))
    def listen(self, data: st.DataObject, language: str) -> None:
        person = self.someone(data)
        self.excuse([person], self.neighbours(person))
        self.run_async(self.town.listen(person, language))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), language=st.sampled_from(SPOKEN))
    def speak(self, data: st.DataObject, language: str) -> None:
        person = self.someone(data)
        person.participant.set_languages(speaking=language)
        self.settle()

    @precondition(lambda self: self.people)
    @rule(data=st.data(), original=st.sampled_from(ORIGINALS))
    def choose_original(self, data: st.DataObject, original: Any) -> None:
        person = self.someone(data)
        person.participant.set_original(original)
        self.settle()

    @precondition(lambda self: self.people)
    @rule(data=st.data(), muted=st.booleans())
    def mute(self, data: st.DataObject, muted: bool) -> None:
        self.someone(data).participant.set_muted(muted)
        self.settle()

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def connect_again(self, data: st.DataObject) -> None:
        person = self.someone(data)
        self.check_sounds(person)
        earlier = person.peer
        self.run_async(self.town.connect(person))
        before = [len(outlet.sounds) for outlet in earlier.outlets]
        for other in self.neighbours(person):
            other.send()
        assert [len(outlet.sounds) for outlet in earlier.outlets] == before, "a connection that is over was sent sound"

    @rule(working=st.booleans())
    def translator(self, working: bool) -> None:
        if working != self.town.translating:
            self.excuse(self.people, self.people)
            self.run_async(self.town.set_translating(working))

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        person = self.someone(data)
        if person.utterance is None and not person.muted:
            person.do(Started(at_ms=self.town.clock.epoch_ms()), Sound(pcm=PCM_100_MS, start_ms=0))
            self.settle()

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        person = self.someone(data)
        if person.utterance is not None:
            person.do(Ended(confirms=0, speech_end_ms=100))
            self.settle()

    @precondition(lambda self: self.people)
    @rule(data=st.data(), packets=st.integers(1, 5))
    def sound(self, data: st.DataObject, packets: int) -> None:
        person = self.someone(data)
        for _ in range(packets):
            person.send()
            self.town.clock.advance(0.02)

    @rule(seconds=st.sampled_from((0.05, 0.3, 2.0)))
    def wait(self, seconds: float) -> None:
        self.run_async(self.town.advance(seconds))

    @rule(room=st.sampled_from(ROOMS), language=st.sampled_from((None, *LISTENED)))
    def read(self, room: str, language: str | None) -> None:
        if len(self.readers) < 4:
            captions: list[Caption] = []
            self.readers.append((room, language, captions))
            self.run_async(self.town.read(room, Reader(None, language), captions.append))

    @precondition(lambda self: self.town.records)
    @rule(data=st.data(), room=st.sampled_from(ROOMS))
    def stray(self, data: st.DataObject, room: str) -> None:
        """Something comes once more, under another room's name, or under its own: nobody may hear it."""
        record = self.town.records[-data.draw(st.integers(1, min(20, len(self.town.records))))]
        self.run_async(self.town.advance(12.0))  # nothing that is due is left
        self.check()
        self.run_async(self.town.bus.publish(replace(record, room_id=room) if isinstance(record, Speech) else record))
        self.run_async(self.town.advance(2.0))
        assert all(received.kind != "voice" for person in self.people for received in person.news())

    @precondition(lambda self: self.silent)
    @rule(data=st.data())
    def say(self, data: st.DataObject) -> None:
        """Somebody says something from its beginning to its end: each gets it whole, in the way that is theirs."""
        person = self.silent[data.draw(st.integers(0, len(self.silent) - 1))]
        self.run_async(self.town.advance(12.0))  # whatever waits for its turn is over
        self.check()
        sent = [person.do(Started(at_ms=self.town.clock.epoch_ms()), Sound(pcm=PCM_100_MS, start_ms=0))]
        utterance = person.utterance
        for _ in range(4):
            self.town.clock.advance(0.02)
            sent.append(person.send())
        sent.append(person.do(Ended(confirms=0, speech_end_ms=100)) if utterance else person.send())
        self.settle()
        self.run_async(self.town.advance(2.0))
        for listener in self.neighbours(person):
            self.check_heard(listener, person, sent, list(listener.news()))
            self.check_read(listener, person, utterance, listener.fresh_captions())
        if utterance is not None:
            assert [caption.language for caption in self.fresh_of(person, utterance)] == [person.speaks]

    @precondition(lambda self: self.silent)
    @rule(data=st.data())
    def say_something_else(self, data: st.DataObject) -> None:
        """Talking is what people do most."""
        self.say(data)

    def settle(self) -> None:
        self.run_async(self.town.settle())

    def fresh_of(self, person: Person, utterance: str) -> list[Caption]:
        return [caption for caption in person.fresh_captions() if caption.utterance_id == utterance]

    # What must be so.

    def check_heard(self, listener: Person, speaker: Person, sent: list[int], news: list[Received]) -> None:
        """See that a whole utterance was heard as the design's table says."""
        same = hears(listener.hears, speaker.speaks)
        healthy = self.town.path(speaker.speaks, listener.hears) is PathState.HEALTHY
        floor = [each.number for each in news if each.kind == "floor" and each.speaker == speaker.name]
        voice = [each.number for each in news if each.kind == "voice" and each.speaker == speaker.name]
        floor_due = same or not healthy or listener.participant.listener.original != "off"
        assert floor == (sent if floor_due else []), (listener.hears, speaker.speaks)
        assert voice == (list(range(VOICE_PACKETS)) if healthy and not same else [])
        assert floor or voice, "somebody was left in silence"
        HEARD.update({"floor": bool(floor), "voice": bool(voice), "both": bool(floor and voice)})

    def check_read(self, listener: Person, speaker: Person, utterance: str | None, fresh: list[Caption]) -> None:
        """See that a whole utterance was read in the one language that is due."""
        of_it = [caption for caption in fresh if caption.utterance_id == utterance]
        for caption in of_it:
            self.check_caption(caption, listener.room, listener.reader())
        assert len(of_it) == (utterance is not None), of_it
        HEARD["caption"] += len(of_it)

    @invariant()
    def check(self) -> None:
        for person in self.people:
            self.check_sounds(person)
            for caption in person.fresh_captions():
                self.check_caption(caption, person.room, person.reader())
        for room, language, captions in self.readers:
            while captions:
                self.check_caption(captions.pop(), room, Reader(None, language))

    def check_sounds(self, listener: Person) -> None:
        """See that everything they were sent is theirs to hear."""
        for received in listener.news():
            assert received.room == listener.room, "a packet of another room"
            assert received.speaker != listener.name, "somebody hears themselves"
            if received.kind == "voice":
                assert tongue(received.language) == tongue(listener.hears), "a voice in another language"
            else:
                self.check_floor(listener, received)

    def check_floor(self, listener: Person, received: Received) -> None:
        """See that nobody hears somebody as they are who is to be heard as a voice."""
        speaker = self.town.people.get((received.room, received.speaker))
        if speaker is None or received.number not in speaker.sent:
            return  # has left meanwhile
        utterance, muted = speaker.sent[received.number]
        assert not muted, "somebody is heard who is muted"
        as_it_is = (
            hears(listener.hears, speaker.speaks)
            or self.town.path(speaker.speaks, listener.hears) is not PathState.HEALTHY
            or listener.participant.listener.original != "off"
            or (listener, speaker.name, utterance) in self.heard_out
        )
        assert as_it_is, f"the original in another language: {speaker.speaks} for {listener.hears}"

    def check_caption(self, caption: Caption, room: str, reader: Reader) -> None:
        """See that a caption is of the room, and in the language, of who reads it."""
        language, of_room, speaker, utterance = caption.text.split("|")
        assert of_room == room, "a caption of another room"
        assert (caption.speaker_id, caption.language, caption.utterance_id) == (speaker, language, utterance)
        _, _, spoken, targets = self.town.said[utterance]
        if reader.language is None:
            return
        if reader.participant_id == speaker or hears(reader.language, spoken):
            assert language == spoken, "a translation for somebody who understands"
        elif language == spoken:
            aimed = any(reads(reader.language, target) for target in targets)
            assert not (aimed and self.town.rooms.paths.can_read(spoken, reader.language)), "words in another language"
        else:
            assert reads(reader.language, language), "a translation into another language"


def gather(steps: int, runs: int, *, random: bool) -> None:
    """Let people do so many things, so many times anew."""
    HEARD.clear()
    run_state_machine_as_test(
        Gathering,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=not random,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert HEARD["both"] > 0
    assert min(HEARD[way] for way in ("floor", "voice", "caption")) > steps * runs / 100, HEARD


def test_nobody_gets_what_is_anothers() -> None:
    """Some hundred steps, always the same."""
    gather(40, max(12, STEPS // 40), random=False)


@pytest.mark.soak
def test_nobody_gets_what_is_anothers_in_ten_thousand_steps() -> None:
    """Others each time."""
    gather(100, max(100, STEPS // 100), random=True)
