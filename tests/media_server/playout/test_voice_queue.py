"""The order in which voices are heard."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media_server.playout.utterance_voice import Patience
from media_server.playout.voice_queue import MAX_UTTERANCES, VoiceQueue
from media_server.utterance import Utterance
from pipeline.messages import Speech
from tests.fakes.clock import EPOCH_MS
from tests.fakes.speech import clause, end, record, utterance


class Heard:
    """Plays a queue for a test, and remembers what was heard."""

    def __init__(self) -> None:
        self.queue = VoiceQueue(Patience(hole_s=1.5, deadline_ms=5_000, turn_ms=10_000))
        self.now = 0.0
        self.packets: list[str] = []

    def put(self, of: Utterance, *records: Speech) -> "Heard":
        for each in records:
            self.queue.put(each, of)
        return self

    def play(self, most: int = 1000) -> list[str]:
        """Play what there is, a packet every 20 ms; give the clauses in order."""
        for _ in range(most):
            sound = self.queue.next(self.now, EPOCH_MS + round(self.now * 1000))
            if sound is None:
                break
            self.packets.append(sound.payload.decode())
            self.now += 0.02
        return self.clauses

    @property
    def clauses(self) -> list[str]:
        clauses: list[str] = []
        for packet in self.packets:
            name = packet.split(".")[0]
            if not clauses or clauses[-1] != name:
                clauses.append(name)
        return clauses


ANN = utterance("a1", speaker_id="ann")
BOB = utterance("b1", speaker_id="bob")


def test_turns_in_order_of_readiness() -> None:
    """Whoever's speech was there first is heard first, to the end of the utterance."""
    heard = Heard().put(BOB, *clause(BOB, 0))
    heard.play(1)
    heard.put(ANN, *clause(ANN, 0, last=True)).put(BOB, *clause(BOB, 1, last=True))
    assert heard.play() == ["b1/0", "b1/1", "a1/0"]


def test_who_spoke_at_the_same_time_is_heard_afterwards() -> None:
    """A voice that waits for more than five seconds because another one sounds is heard all the same."""
    heard = Heard().put(ANN, *clause(ANN, 0, packets=160, last=True)).put(BOB, *clause(BOB, 0, last=True))
    assert heard.play() == ["a1/0", "b1/0"]
    assert heard.now > 6.0
    assert heard.queue.lost == []


def test_ended_utterance_keeps_its_turn_for_a_while() -> None:
    """Between two clauses of an ended utterance others wait, for 1.5 s at most."""
    heard = Heard().put(ANN, *clause(ANN, 0)).put(BOB, *clause(BOB, 0, last=True))
    assert heard.play() == ["a1/0"]
    heard.now += 1.0
    heard.put(ANN, *clause(ANN, 1, last=True))
    assert heard.play() == ["a1/0", "a1/1", "b1/0"]


def test_turn_passes_after_waiting() -> None:
    """When the rest of an ended utterance does not come, others have their turn."""
    heard = Heard().put(ANN, *clause(ANN, 0)).put(BOB, *clause(BOB, 0, last=True))
    heard.play()
    heard.now += 1.6
    assert heard.play() == ["a1/0", "b1/0"]


def test_open_utterance_lets_others_go() -> None:
    """While somebody is still talking and nothing of theirs is ready, others are heard between their clauses."""
    talking = utterance("t1", speaker_id="tom", ended=False)
    heard = Heard().put(talking, *clause(talking, 0)).put(BOB, *clause(BOB, 0), *clause(BOB, 1, last=True))
    heard.play(5)
    heard.put(talking, *clause(talking, 1))
    assert heard.play() == ["t1/0", "b1/0", "b1/1", "t1/1"]


def test_utterances_of_one_speaker_keep_their_order() -> None:
    """The second utterance waits for the first, though it is ready."""
    second = utterance("a2", speaker_id="ann", number=2)
    heard = Heard().put(second, *clause(second, last=True))
    heard.put(ANN, record(ANN, 0, 1, end=True, last=True))
    assert heard.play() == []
    heard.put(ANN, record(ANN, 0, 0))
    assert heard.play() == ["a1/0", "a2/0"]


def test_broken_utterance_holds_up_its_speaker_for_a_while_only() -> None:
    """When the first utterance does not come, the second is heard 1.5 s later, and the first is lost."""
    second = utterance("a2", speaker_id="ann", number=2)
    heard = Heard()
    heard.queue.expect(ANN, 0, EPOCH_MS)
    heard.put(second, *clause(second, last=True))
    assert heard.play() == []
    heard.now += 1.6
    assert heard.play() == ["a2/0"]
    assert [(lost.clause, lost.why) for lost in heard.queue.lost] == [(0, "hole")]


def test_confirmed_speculation_plays_at_once() -> None:
    """Held while the speaker may go on, played when they have ended."""
    of = utterance("u1", ended=False)
    heard = Heard().put(of, *clause(of, revision=1, speculative=True, last=True))
    assert heard.play() == []
    end(of, confirms=1)
    assert heard.play() == ["u1/0"]


def test_resumed_speech_voids_the_speculation() -> None:
    """What was said ahead is not heard when speech went on; the final clause is."""
    of = utterance("u1", ended=False)
    heard = Heard().put(of, *clause(of, revision=1, speculative=True, last=True))
    of.voided = 1
    heard.put(of, *clause(of, revision=2, speculative=True, last=True))
    end(of, confirms=2)
    heard.play()
    assert all(".r2/" in packet for packet in heard.packets)
    assert len(heard.packets) == 4


def test_finished_utterances_are_told_once_and_refused_then() -> None:
    """After its last packet an utterance is finished; what still comes of it is of no use."""
    heard = Heard().put(ANN, *clause(ANN, last=True))
    heard.play()
    assert heard.queue.finished == [ANN]
    assert not heard.queue.put(record(ANN), ANN)
    assert heard.queue.empty


def test_skip_leaves_out_the_rest_of_a_clause() -> None:
    """What nobody is there to hear is passed over."""
    heard = Heard().put(ANN, *clause(ANN, 0, records=5), *clause(ANN, 1, last=True))
    heard.play(1)
    heard.queue.skip()
    heard.play()
    assert [packet.split("/")[1].split(".")[0] for packet in heard.packets] == ["0", "1", "1", "1", "1"]


def test_drop_takes_a_speaker_out() -> None:
    """Everything of a removed speaker is gone, what others said is not."""
    heard = Heard().put(ANN, *clause(ANN, 0, records=5, last=True)).put(BOB, *clause(BOB, 0, last=True))
    heard.play(1)
    heard.queue.drop("ann")
    assert heard.play() == ["a1/0", "b1/0"]
    assert len(heard.packets) == 5


def test_backlog_counts_all_that_waits() -> None:
    """The backlog is what would have to be played before something new."""
    heard = Heard().put(ANN, *clause(ANN, last=True)).put(BOB, *clause(BOB, last=True))
    assert heard.queue.waiting_ms == 160
    heard.play(3)
    assert heard.queue.waiting_ms == 100


def test_utterances_are_bounded() -> None:
    """Records of more utterances than can ever wait are refused."""
    queue = VoiceQueue(Patience(hole_s=1.5, deadline_ms=5_000, turn_ms=10_000))
    for number in range(MAX_UTTERANCES):
        of = utterance(f"u{number}")
        assert queue.put(record(of), of)
    assert not queue.put(record(ANN), ANN)


def all_records() -> tuple[list[Utterance], list[Speech]]:
    """Two speakers, two utterances each, clauses with void and confirmed speculations and final ones."""
    utterances = [
        utterance(f"{speaker}{number}", speaker_id=speaker, number=number) for speaker in "ab" for number in (1, 2)
    ]
    records: list[Speech] = []
    for of in utterances:
        of.confirms, of.voided = 2, 1
        records += clause(of, 0, records=3)
        records += clause(of, 1, revision=1, speculative=True, last=True)
        records += clause(of, 1, revision=2, speculative=True, last=True)
    return utterances, records


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_clause_is_heard_once_and_in_order(data: st.DataObject) -> None:
    """Shuffled and doubled as records may arrive, everything that holds is heard once, in its speaker's order."""
    utterances, records = all_records()
    shuffled = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=20))))
    by_id = {of.utterance_id: of for of in utterances}
    heard = Heard()
    for each in shuffled:
        heard.put(by_id[each.utterance_id], each)
    heard.play()
    assert len(heard.packets) == len(set(heard.packets))
    assert sorted(heard.clauses) == sorted(f"{of.utterance_id}/{number}" for of in utterances for number in (0, 1))
    for speaker in "ab":
        own = [name for name in heard.clauses if name.startswith(speaker)]
        assert own == sorted(own)
    for of in utterances:
        own = [packet for packet in heard.packets if packet.startswith(f"{of.utterance_id}/1.")]
        assert all(".r2/" in packet for packet in own)
    assert heard.queue.lost == []
    assert heard.queue.empty


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_late_arrivals_never_break_the_order(data: st.DataObject) -> None:
    """Records that come while others play, with any pauses between them, are heard in order, once, or lost."""
    utterances, records = all_records()
    by_id = {of.utterance_id: of for of in utterances}
    heard = Heard()
    for each in data.draw(st.permutations(records)):
        heard.put(by_id[each.utterance_id], each)
        heard.now += data.draw(st.sampled_from((0.0, 0.0, 0.1, 0.8)))
        heard.play(data.draw(st.integers(0, 4)))
    heard.now += 1.6
    for _ in range(5):
        heard.play()
        heard.now += 1.6
    assert len(heard.packets) == len(set(heard.packets))
    for of in utterances:
        own = [packet for packet in heard.packets if packet.startswith(of.utterance_id)]
        assert own == sorted(own)
    for speaker in "ab":
        own = [packet for packet in heard.packets if packet.startswith(speaker)]
        assert own == sorted(own)
    heard.now += 10
    heard.play()
    assert heard.queue.empty


def test_what_remains_counts_who_comes_before() -> None:
    """Of who is next, what the one before them still has to say as well."""
    queue = Heard().queue
    ann, bob = utterance("a1", speaker_id="ann"), utterance("b1", speaker_id="bob")
    for each in clause(ann, packets=10, last=True):
        queue.put(each, ann)
    queue.next(0.0, EPOCH_MS)
    for each in clause(bob, packets=10, last=True):
        queue.put(each, bob)
    queue.sweep(0.0, EPOCH_MS)
    assert queue.speakers == {"ann", "bob"}
    assert (queue.remaining_ms("ann"), queue.remaining_ms("bob"), queue.remaining_ms("eve")) == (380, 780, 0)
