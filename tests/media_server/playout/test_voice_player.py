"""Voices paced on a clock that the test moves."""

import itertools

import pytest

from media_server.peer import Outlet
from media_server.playout.utterance_voice import Lost, Patience
from media_server.playout.voice_player import MAX_WITNESSES, VoicePlayer
from media_server.playout.voice_queue import VoiceQueue
from media_server.utterance import Utterance
from pipeline.messages import Speech
from tests.fakes.clock import FakeClock
from tests.fakes.peers import FakeOutlet
from tests.fakes.speech import clause, record, utterance

ANN = utterance("a1", speaker_id="ann")
BOB = utterance("b1", speaker_id="bob")


class FakeEar:
    """A listener with an outlet a speaker, that remembers what it was told."""

    def __init__(self, *, full: bool = False) -> None:
        self.outlets: dict[str, FakeOutlet] = {}
        self.told: list[str] = []
        # Each clause that began, and how many packets its outlet had sent by then.
        self.began: list[tuple[int, int]] = []
        self.full = full

    def begin_voice(self, speaker_id: str, language: str) -> FakeOutlet | None:
        if self.full:
            return None
        if f"begin {speaker_id}" not in self.told[-1:]:
            self.told.append(f"begin {speaker_id}")
        return self.outlets.setdefault(speaker_id, FakeOutlet(speaker_id))

    def voice_began(self, speech: Speech, utterance: Utterance, outlet: Outlet) -> None:
        self.began.append((speech.clause, outlet.sent.packets))

    def end_voice(self, speaker_id: str) -> None:
        self.told.append(f"end {speaker_id}")

    def rest_voice(self, speaker_id: str) -> None:
        self.outlets[speaker_id].rest()

    def voice_missed(self, speaker_id: str, utterance_id: str) -> None:
        self.told.append(f"missed {utterance_id}")

    def heard(self, speaker_id: str) -> list[str]:
        return [payload.decode() for payload in self.outlets[speaker_id].payloads]

    def times(self, speaker_id: str) -> list[float]:
        """When each packet came, in seconds from the clock's start."""
        return [round(packet.arrived - 1000.0, 4) for _, packet in self.outlets[speaker_id].forwarded]


class Stage:
    """A player with one ear, and what it reported."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ear = FakeEar()
        self.ears = [self.ear]
        self.sent: list[Speech] = []
        self.losses: list[Lost] = []
        self.unseated: list[Utterance] = []
        self.finished: list[Utterance] = []
        queue = VoiceQueue(Patience(hole_s=1.5, deadline_ms=5_000, turn_ms=10_000))
        self.player = VoicePlayer(queue, lambda _utterance, _at: self.ears, self, clock=self.clock, hold_s=0.4)

    def voice_sent(self, speech: Speech, utterance: Utterance) -> None:
        self.sent.append(speech)

    def voice_lost(self, lost: Lost) -> None:
        self.losses.append(lost)

    def voice_unseated(self, utterance: Utterance) -> None:
        self.unseated.append(utterance)

    def voice_finished(self, utterance: Utterance) -> None:
        self.finished.append(utterance)

    def put(self, of: Utterance, *records: Speech) -> None:
        for each in records:
            self.player.queue.put(each, of)
        self.player.wake()

    def advance(self, seconds: float) -> None:
        """Let time pass as in a room, which ticks every 50 ms."""
        for _ in range(round(seconds / 0.05)):
            self.clock.advance(0.05)
            self.player.tick()


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_first_packet_at_once_then_every_20_ms(stage: Stage) -> None:
    """The first packet leaves within the call that brought it, the others at absolute 20 ms."""
    stage.put(ANN, *clause(ANN, records=2, packets=3, last=True))
    assert stage.ear.times("ann") == [0.0]
    stage.clock.advance(1.0)
    assert stage.ear.times("ann") == [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]


def test_small_delays_do_not_add_up(stage: Stage) -> None:
    """Timers that fire a little late do not stretch the voice."""
    stage.put(ANN, *clause(ANN, packets=50, last=True))
    for _ in range(100):
        stage.clock.stall(0.017)
    assert len(stage.ear.times("ann")) == 86


def test_no_burst_after_a_stall(stage: Stage) -> None:
    """After the loop stood still the voice goes on where it was, 20 ms a packet, and is not hurried."""
    stage.put(ANN, *clause(ANN, packets=10, last=True))
    stage.clock.advance(0.05)
    stage.clock.stall(0.5)
    stage.clock.advance(1.0)
    times = stage.ear.times("ann")
    assert times[:4] == [0.0, 0.02, 0.04, 0.55]
    assert all(round(b - a, 4) >= 0.02 for a, b in itertools.pairwise(times))
    assert len(times) == 20


def test_clauses_follow_without_a_gap(stage: Stage) -> None:
    """The next clause of the utterance begins 20 ms after the last packet of the one before, in the same slot."""
    stage.put(ANN, *clause(ANN, 0), *clause(ANN, 1, last=True))
    stage.advance(0.3)
    assert stage.ear.times("ann") == [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14]
    assert stage.ear.told == ["begin ann"]


def test_slot_rests_at_once_and_is_given_back_later(stage: Stage) -> None:
    """When nothing follows the slot rests with the next beat, and is given back 400 ms later."""
    stage.put(ANN, *clause(ANN, last=True))
    stage.clock.advance(0.08)
    assert stage.ear.outlets["ann"].resting
    stage.advance(0.3)
    assert stage.ear.told == ["begin ann"]
    stage.advance(0.2)
    assert stage.ear.told == ["begin ann", "end ann"]


def test_voice_that_goes_on_soon_keeps_its_slot(stage: Stage) -> None:
    """A clause that comes within the hold takes up the slot again, as the same source."""
    stage.put(ANN, *clause(ANN, 0))
    stage.advance(0.3)
    stage.put(ANN, *clause(ANN, 1, last=True))
    stage.advance(0.3)
    assert stage.ear.told == ["begin ann"]
    assert len({source for source, _ in stage.ear.outlets["ann"].forwarded}) == 1


def test_clause_that_ran_dry_goes_on(stage: Stage) -> None:
    """When the synthesizer is slow the rest of a clause is played as it comes, even after the slot was given back."""
    stage.put(ANN, record(ANN, 0, 0))
    stage.advance(1.0)
    assert stage.ear.told == ["begin ann", "end ann"]
    stage.put(ANN, record(ANN, 0, 1, end=True, last=True))
    stage.advance(0.1)
    assert stage.ear.told == ["begin ann", "end ann", "begin ann"]
    assert len(stage.ear.heard("ann")) == 4
    assert len(stage.sent) == 1


def test_speakers_take_turns(stage: Stage) -> None:
    """The second voice begins when the first has ended, while the first one's slot is still held."""
    stage.put(ANN, *clause(ANN, last=True))
    stage.put(BOB, *clause(BOB, last=True))
    stage.advance(0.3)
    assert stage.ear.times("bob")[0] == 0.08
    assert stage.ear.outlets["ann"].resting
    assert stage.ear.told == ["begin ann", "begin bob"]


def test_who_stops_listening_hears_no_more(stage: Stage) -> None:
    """A change of the audience is applied at once, in the middle of a clause."""
    other = FakeEar()
    stage.ears.append(other)
    stage.put(ANN, *clause(ANN, packets=20, last=True))
    stage.clock.advance(0.1)
    stage.ears.remove(stage.ear)
    stage.player.reroute()
    stage.clock.advance(2.0)
    assert stage.ear.told == ["begin ann", "end ann"]
    assert len(stage.ear.heard("ann")) == 6
    assert len(other.heard("ann")) == 40


def test_new_slots_are_taken_up(stage: Stage) -> None:
    """A listener whose connection is new hears the rest of the clause there."""
    stage.put(ANN, *clause(ANN, packets=20, last=True))
    stage.clock.advance(0.1)
    stage.ear.outlets = {}
    stage.player.reroute()
    stage.clock.advance(2.0)
    assert len(stage.ear.heard("ann")) == 34


def test_nobody_listens(stage: Stage) -> None:
    """What nobody hears takes no time, and the utterance is done with."""
    stage.ears.clear()
    stage.put(ANN, *clause(ANN, 0), *clause(ANN, 1, last=True))
    assert stage.finished == [ANN]
    assert stage.sent == []
    assert stage.clock.pending == 0


def test_last_listener_leaves(stage: Stage) -> None:
    """When the only listener goes the clause is broken off, and the next speaker's turn comes."""
    stage.put(ANN, *clause(ANN, packets=50, last=True))
    stage.clock.advance(0.1)
    stage.ears.clear()
    stage.player.reroute()
    stage.clock.advance(0.1)
    assert stage.finished == [ANN]


def test_full_slots_are_no_obstacle(stage: Stage) -> None:
    """A listener without a free slot does not hear the voice, and is told so once a clause; the others hear it."""
    full = FakeEar(full=True)
    stage.ears.append(full)
    stage.put(ANN, *clause(ANN, last=True))
    stage.player.reroute()
    stage.clock.advance(1.0)
    assert len(stage.ear.heard("ann")) == 4
    assert full.told == ["missed a1"]
    assert stage.unseated == [ANN]
    assert stage.losses == []


def test_removed_speaker_is_silent_at_once(stage: Stage) -> None:
    """Dropping a speaker stops their voice in mid-clause; who comes next is heard."""
    stage.put(ANN, *clause(ANN, packets=50, last=True))
    stage.put(BOB, *clause(BOB, last=True))
    stage.clock.advance(0.1)
    stage.player.drop("ann")
    stage.clock.advance(1.0)
    assert len(stage.ear.heard("ann")) == 6
    assert len(stage.ear.heard("bob")) == 4
    assert stage.ear.told == ["begin ann", "end ann", "begin bob"]


def test_losses_are_reported(stage: Stage) -> None:
    """A clause past its deadline is reported by the tick, without anything else happening."""
    stage.player.queue.expect(ANN, 0, stage.clock.epoch_ms())
    stage.advance(5.2)
    assert stage.losses == [Lost(ANN, 0, "late")]


def test_sent_is_told_with_the_first_packet(stage: Stage) -> None:
    """The first packet of each clause is told, with the record it was in."""
    first, *rest = clause(ANN, 0)
    stage.put(ANN, first, *rest, *clause(ANN, 1, last=True))
    assert stage.sent == [first]
    stage.advance(0.3)
    assert [speech.clause for speech in stage.sent] == [0, 1]
    assert stage.finished == [ANN]


def test_close_stops_everything(stage: Stage) -> None:
    """A closed player sends nothing more and gives back what it held; closing again is harmless."""
    stage.put(ANN, *clause(ANN, packets=50, last=True))
    stage.player.close()
    stage.player.close()
    stage.clock.advance(1.0)
    stage.player.wake()
    assert stage.ear.told == ["begin ann", "end ann"]
    assert len(stage.ear.heard("ann")) == 1
    assert stage.clock.pending == 0


def test_idle_when_all_is_done(stage: Stage) -> None:
    """With nothing waiting and no slot held the player is idle."""
    idle = [stage.player.idle]
    stage.put(ANN, *clause(ANN, last=True))
    idle.append(stage.player.idle)
    stage.advance(1.0)
    idle.append(stage.player.idle)
    assert idle == [True, False, True]


def test_slots_in_their_hold_stay_when_the_room_changes(stage: Stage) -> None:
    """In the pause between two clauses only who does not listen any more loses the slot."""
    other = FakeEar()
    stage.ears.append(other)
    stage.put(ANN, *clause(ANN, 0))
    stage.advance(0.2)
    stage.ears.remove(other)
    stage.player.reroute()
    stage.put(ANN, *clause(ANN, 1, last=True))
    stage.advance(0.3)
    assert stage.ear.told == ["begin ann"]
    assert other.told == ["begin ann", "end ann"]
    stage.advance(0.5)
    assert stage.ear.told == ["begin ann", "end ann"]
    assert stage.player.idle


def test_each_listener_hears_when_a_clause_begins(stage: Stage) -> None:
    """Once a clause, when its first packet has left."""
    stage.put(ANN, *clause(ANN, 0, packets=2), *clause(ANN, 1, packets=2, last=True))
    assert stage.ear.began == [(0, 1)]
    stage.clock.advance(1.0)
    assert stage.ear.began == [(0, 1), (1, 5)]


def test_of_many_listeners_some_are_told_in_turn(stage: Stage) -> None:
    """Everybody within so many clauses as it takes."""
    stage.ears[:] = [FakeEar() for _ in range(2 * MAX_WITNESSES + 1)]
    for number in range(3):
        stage.put(ANN, *clause(ANN, number, packets=1, last=number == 2))
        stage.clock.advance(0.1)
        assert sum(len(ear.began) for ear in stage.ears) <= (number + 1) * MAX_WITNESSES
    assert all(len(ear.began) == 1 for ear in stage.ears)
