"""One clause's records, revision by revision."""

from msgspec.structs import replace

from media_server.playout.clause_voice import CHARACTER_MS, ClauseVoice
from media_server.utterance import Utterance
from pipeline.messages import Speech
from tests.fakes.speech import clause, end, record, utterance

U = utterance()


def voice_of(*records: Speech, of: Utterance = U) -> ClauseVoice:
    voice = ClauseVoice(of, 0)
    for each in records:
        voice.put(each)
    return voice


def play(voice: ClauseVoice) -> list[bytes]:
    packets = []
    while (taken := voice.take()) is not None:
        packets.append(taken[1])
    return packets


def test_records_play_in_order_of_index() -> None:
    """Whatever their order of arrival."""
    first, second = clause(U)
    voice = voice_of(second, first)
    assert play(voice) == [*first.packets, *second.packets]
    assert voice.finished


def test_not_ready_without_its_beginning() -> None:
    """The second record alone is not the beginning of a clause."""
    first, second = clause(U)
    voice = voice_of(second)
    assert not voice.ready
    voice.put(first)
    assert voice.ready


def test_duplicates_are_of_no_use() -> None:
    """A record that came before is refused, also when it was played."""
    first, second = clause(U)
    voice = voice_of(first)
    assert not voice.put(first)
    voice.take()
    assert not voice.put(first)
    assert voice.put(second)


def test_a_clause_that_is_spoken_again_is_heard_once() -> None:
    """A worker in another one's place says it all again, in other records: each packet is played once, and no more."""
    first, second, third = clause(U, records=3, packets=2)
    voice = voice_of(first, second)
    assert len(play(voice)) == 4
    everything = replace(first, packets=(*first.packets, *second.packets, *third.packets), clause_end=True)
    assert voice.put(everything)
    assert play(voice) == list(third.packets)
    assert voice.finished
    assert not voice.put(third)
    assert not voice.put(replace(third, index=7, packets_before=6))
    assert voice.finished


def test_an_end_without_sound_ends_a_clause() -> None:
    """Packets that just filled a record are followed by a record that has none."""
    first = record(U)
    voice = voice_of(first, replace(first, index=1, packets=(), packets_before=2, clause_end=True))
    assert len(play(voice)) == 2
    assert voice.finished


def test_plays_what_there_is_and_waits() -> None:
    """Between two records the clause is not finished, and goes on with the next one."""
    first, second = clause(U)
    voice = voice_of(first)
    assert play(voice) == list(first.packets)
    assert not voice.finished
    voice.put(second)
    assert play(voice) == list(second.packets)


def test_speculation_waits_for_its_confirmation() -> None:
    """What was said ahead is held until its speaker has ended with that revision."""
    of = utterance(ended=False)
    voice = voice_of(*clause(of, revision=2, speculative=True), of=of)
    assert not voice.ready
    end(of, confirms=2)
    assert voice.ready


def test_other_speculation_is_not_confirmed() -> None:
    """The end confirms one revision only."""
    of = utterance(ended=False)
    voice = voice_of(*clause(of, revision=1, speculative=True), of=of)
    end(of, confirms=2)
    assert not voice.ready


def test_void_speculation_is_refused() -> None:
    """After speech has gone on, records of the void revision are of no use, and count for nothing."""
    of = utterance(ended=False)
    voice = voice_of(record(of, revision=1, speculative=True), of=of)
    assert voice.waiting_ms == 40
    of.voided = 1
    assert voice.waiting_ms == 0
    assert not voice.put(record(of, 0, 1, revision=1, speculative=True))


def test_final_takes_the_place_of_speculations() -> None:
    """A final record of a higher revision is what is played."""
    of = utterance(ended=False)
    final = clause(of, revision=2)
    voice = voice_of(*clause(of, revision=1, speculative=True), *final, of=of)
    assert play(voice) == [packet for each in final for packet in each.packets]


def test_lower_revision_is_superseded() -> None:
    """What comes late of an earlier revision is of no use."""
    voice = voice_of(record(U, revision=2))
    assert not voice.put(record(U, revision=1))


def test_what_is_being_played_is_not_replaced() -> None:
    """Once a clause sounds, no other revision of it is taken."""
    voice = voice_of(*clause(U))
    voice.take()
    assert not voice.put(record(U, revision=1))


def test_final_confirms_what_was_said_ahead() -> None:
    """A final record of the same revision makes the records before it final as well."""
    of = utterance(ended=False)
    first, _ = clause(of, revision=1, speculative=True)
    _, second = clause(of, revision=1)
    voice = voice_of(first, second, of=of)
    assert voice.ready


def test_two_dialects_are_not_mixed() -> None:
    """Records of one clause in another language tag are refused."""
    voice = voice_of(record(U, language="es"))
    assert not voice.put(record(U, 0, 1, language="es-MX"))


def test_tombstone_ends_what_has_come() -> None:
    """After a tombstone the clause is finished with what there is of it."""
    voice = voice_of(record(U), record(U, 0, 1, skipped=True))
    assert len(play(voice)) == 2
    assert voice.finished


def test_real_record_outranks_a_tombstone() -> None:
    """A record that comes after a tombstone, before the clause was passed over, is played."""
    voice = voice_of(record(U, skipped=True), *clause(U))
    assert len(play(voice)) == 4


def test_speculative_tombstone_says_nothing() -> None:
    """What could not be said ahead may yet be said when it is final."""
    of = utterance(ended=False)
    voice = ClauseVoice(of, 0)
    assert not voice.put(record(of, revision=1, speculative=True, skipped=True))
    end(of, confirms=1)
    assert voice.put(record(of, revision=1))
    assert voice.ready


def test_waiting_sound_is_counted() -> None:
    """What was not played yet waits."""
    voice = voice_of(*clause(U))
    assert voice.waiting_ms == 80
    voice.take()
    assert voice.waiting_ms == 60


def test_what_remains_is_known_or_guessed() -> None:
    """Of what is there whole, its packets; of what is not, its text; of what was left out, or may be void, nothing."""
    voice = ClauseVoice(utterance(), 0)
    voice.characters = 10
    assert voice.remaining_ms == 0, "nobody said yet that it was spoken"
    voice.expected = True
    assert voice.remaining_ms == 10 * CHARACTER_MS
    first, last = clause(utterance(), packets=50)
    voice.put(first)
    assert voice.remaining_ms == 1_000, "more has come than its text lets expect"
    voice.take()
    assert voice.remaining_ms == 980
    voice.put(last)
    assert voice.remaining_ms == 1_980
    voice.dropped = True
    assert voice.remaining_ms == 0
