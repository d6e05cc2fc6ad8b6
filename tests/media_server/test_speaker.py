"""The publishing half: forward first, then analyse."""

import pytest
from structlog.testing import capture_logs

from media_server.own_voice import ENOUGH_MS, OwnVoice
from media_server.packet import AudioPacket
from media_server.settings import MediaSettings
from media_server.speaker import Speaker
from media_server.utterance import Utterance
from pipeline.messages import Message, Target, VoiceReference
from pipeline.messages.audio_chunk import BYTES_PER_MS
from tests.fakes.analysis import KeptIngest, ScriptedAnalyser, ScriptedAnalysis
from tests.fakes.clock import FakeClock
from tests.fakes.peers import FakeOutlet


class Desk:
    """A Speaker, and what it told and sent."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.analysis = ScriptedAnalysis()
        self.ingest = KeptIngest()
        self.told: list[str] = []
        self.announced: list[Message] = []
        # Given to the speaker when it sounds.
        self.new_outlets: list[FakeOutlet] = []
        self.speaker = Speaker(
            room_id="hall",
            speaker_id="ann",
            language="en",
            new_analyser=self.analysis,
            ingest=self.ingest,
            observer=self,
            settings=MediaSettings(),
            clock=self.clock,
            own_voice=OwnVoice("hall", "ann", self.announced.append, self.clock),
        )
        self.speaker.set_wanted(True)
        self._number = 0

    def hear(self, level: int | None = 30) -> AudioPacket:
        self._number += 1
        packet = AudioPacket(self._number, self._number * 960, b"opus%d" % self._number, level, None, self.clock.now())
        self.speaker.hear(packet)
        return packet

    def speaker_sounds(self, speaker: Speaker) -> None:
        self.told.append("sounds")
        speaker.outlets = [*speaker.outlets, *self.new_outlets]
        self.new_outlets = []

    def utterance_started(self, speaker: Speaker, utterance: Utterance) -> None:
        self.told.append("started")

    def utterance_resumed(self, speaker: Speaker, utterance: Utterance) -> None:
        self.told.append(f"resumed {utterance.voided}")

    def utterance_ended(self, speaker: Speaker, utterance: Utterance) -> None:
        self.told.append(f"ended {utterance.confirms}")

    def analysis_changed(self, speaker: Speaker) -> None:
        self.told.append("retired" if speaker.retired else "works" if speaker.analysis_works else "broken")

    def targets(self, speaker: Speaker) -> tuple[Target, ...]:
        return (Target("es"),)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_packets_go_untouched_to_every_outlet(desk: Desk) -> None:
    """What comes in goes out, to all, under one source."""
    outlets = [FakeOutlet("1"), FakeOutlet("2")]
    desk.speaker.outlets = outlets
    packets = [desk.hear() for _ in range(3)]
    for outlet in outlets:
        assert [packet for _, packet in outlet.forwarded] == packets
        assert len(outlet.sources) == 1


def test_first_sound_is_heard_by_who_gets_a_slot_for_it(desk: Desk) -> None:
    """The packet that gains a slot is sent there as well, and no packet is sent twice."""
    old, new = FakeOutlet("1"), FakeOutlet("2")
    desk.speaker.outlets = [old]
    desk.new_outlets = [new]
    packet = desk.hear()
    assert old.payloads == new.payloads == [packet.payload]
    assert desk.told == ["sounds"]


def test_sounds_are_told_after_pauses_only(desk: Desk) -> None:
    """In a stream of sound it is told once; after a pause again; silence is not told."""
    for _ in range(5):
        desk.hear()
        desk.clock.advance(0.02)
    desk.clock.advance(0.5)
    desk.hear(level=127)
    assert desk.told == ["sounds"]
    desk.hear()
    assert desk.told == ["sounds", "sounds"]


def test_segments_become_chunks_and_news(desk: Desk) -> None:
    """What the analyser says goes to recognition, and the room is told how utterances live."""
    desk.hear()
    analyser = desk.analysis.made[0]
    analyser.start(1_000)
    analyser.sound()
    analyser.maybe_end(1)
    analyser.resume(1)
    analyser.sound()
    analyser.maybe_end(2)
    analyser.end(confirms=2)
    desk.hear()
    assert desk.told[1:] == ["started", "resumed 1", "ended 2"]
    assert [(chunk.maybe_last, chunk.last) for chunk in desk.ingest.chunks] == [
        (0, False),
        (1, False),
        (0, False),
        (2, False),
        (0, True),
    ]


def test_time_alone_ends_utterances(desk: Desk) -> None:
    """A tick lets the analyser say what it has to say without a packet."""
    desk.hear()
    desk.analysis.made[0].start(1_000)
    desk.speaker.tick()
    assert desk.told[-1] == "started"


def test_unwanted_speaker_is_not_analysed(desk: Desk) -> None:
    """When nobody needs their words none are looked for, and what was being said ends."""
    desk.hear()
    desk.analysis.made[0].start(1_000)
    desk.hear()
    desk.speaker.set_wanted(False)
    assert desk.told[-1] == "ended 0"
    heard = len(desk.analysis.made[0].packets)
    desk.hear()
    assert len(desk.analysis.made[0].packets) == heard


def test_failure_of_the_analysis_is_contained(desk: Desk) -> None:
    """Whatever it raises: the packet was forwarded, the utterance is ended, the room is told, the log has it once."""
    outlet = FakeOutlet("1")
    desk.speaker.outlets = [outlet]
    desk.hear()
    desk.analysis.made[0].start(1_000)
    desk.hear()
    desk.analysis.made[0].breaks = True
    with capture_logs() as logs:
        desk.hear()
        desk.hear()
        desk.speaker.tick()
    assert len(outlet.payloads) == 4
    assert desk.told[-2:] == ["ended 0", "broken"]
    assert desk.ingest.chunks[-1].last
    assert [log["event"] for log in logs] == ["analysis_failed"]


def test_analysis_is_tried_again_after_a_while(desk: Desk) -> None:
    """Five seconds later a new analyser hears the next packet; once it has heard an utterance out, it works."""
    desk.hear()
    desk.analysis.made[0].breaks = True
    desk.hear()
    desk.clock.advance(4.9)
    desk.hear()
    assert len(desk.analysis.made) == 1
    desk.clock.advance(0.2)
    desk.hear()
    assert len(desk.analysis.made) == 2
    desk.analysis.made[1].start(1_000)
    desk.hear()
    assert desk.told[-1] == "started"
    assert "works" not in desk.told
    desk.analysis.made[1].end()
    desk.hear()
    assert desk.told[-2:] == ["ended 0", "works"]


def test_analysis_that_goes_on_failing_is_tried_more_and_more_seldom(desk: Desk) -> None:
    """After 5, 10, 20, 40 and then every 60 s; told once; an utterance heard out makes it 5 s again."""
    desk.hear()

    def fail() -> None:
        desk.analysis.made[-1].breaks = True
        desk.hear()

    fail()
    for wait_s in (5, 10, 20, 40, 60, 60, 5):
        made = len(desk.analysis.made)
        desk.clock.advance(wait_s - 0.1)
        desk.hear()
        assert len(desk.analysis.made) == made
        desk.clock.advance(0.2)
        desk.hear()
        assert len(desk.analysis.made) == made + 1
        if made == 6:
            assert desk.told.count("broken") == 1
            assert "works" not in desk.told
            desk.analysis.made[-1].start(1_000)
            desk.analysis.made[-1].end()
            desk.hear()
            assert desk.told[-1] == "works"
        fail()


def test_analysis_that_cannot_be_made_is_a_failure_too() -> None:
    """A factory that raises leaves the floor alone."""
    desk = Desk()

    def broken() -> ScriptedAnalyser:
        raise RuntimeError("no memory")

    desk.speaker._new_analyser = broken
    outlet = FakeOutlet("1")
    desk.speaker.outlets = [outlet]
    desk.hear()
    assert len(outlet.payloads) == 1
    assert desk.told[-1] == "broken"


def test_muted_speaker_is_neither_forwarded_nor_analysed(desk: Desk) -> None:
    """Muting ends what was being said; packets that still come are nothing."""
    outlet = FakeOutlet("1")
    desk.speaker.outlets = [outlet]
    desk.hear()
    desk.analysis.made[0].start(1_000)
    desk.hear()
    desk.speaker.set_muted(True)
    assert desk.told[-1] == "ended 0"
    desk.hear()
    assert len(outlet.payloads) == 2
    assert len(desk.analysis.made[0].packets) == 2
    assert desk.speaker.meter.loudness(desk.clock.now()) is None


def test_another_microphone_is_another_source(desk: Desk) -> None:
    """After a new connection the numbering is another, so the source is."""
    outlet = FakeOutlet("1")
    desk.speaker.outlets = [outlet]
    desk.hear()
    desk.speaker.renew()
    desk.hear()
    assert len(outlet.sources) == 2


def test_closing_ends_what_is_being_said(desk: Desk) -> None:
    """Once, and nothing is heard afterwards."""
    desk.hear()
    desk.analysis.made[0].start(1_000)
    desk.hear()
    desk.speaker.close()
    desk.speaker.close()
    desk.hear()
    assert desk.told.count("ended 0") == 1
    assert desk.analysis.made[0].closes == 1


def test_who_begins_anew_goes_on_in_another_utterance(desk: Desk) -> None:
    """What was said until then is one, what follows the next; with nothing open nothing happens."""
    desk.speaker.begin_anew()
    desk.hear()
    [analyser] = desk.analysis.made
    analyser.start(1_000)
    desk.hear()
    desk.speaker.begin_anew()
    desk.speaker.begin_anew()
    analyser.start(2_000)
    desk.hear()
    assert desk.told == ["sounds", "started", "ended 0", "started"]
    assert len(desk.analysis.made) == 1


def test_who_retires_says_the_open_utterance_to_its_end(desk: Desk) -> None:
    """It ends as it would have; what follows is forwarded and not heard by anybody else."""
    outlet = FakeOutlet("1")
    desk.speaker.outlets = [outlet]
    desk.hear()
    [analyser] = desk.analysis.made
    analyser.start(1_000)
    desk.hear()
    desk.speaker.retire()
    analyser.sound()
    analyser.end(1)
    analyser.start(2_000)
    desk.hear()
    assert desk.told[-3:] == ["started", "ended 1", "retired"]
    desk.hear()
    assert len(analyser.packets) == 3
    assert len(outlet.payloads) == 4


def test_who_is_silent_retires_at_once(desk: Desk) -> None:
    """Nothing is left to end; the room hears of it once."""
    desk.hear()
    desk.speaker.retire()
    desk.speaker.retire()
    desk.hear()
    assert desk.speaker.retired
    assert desk.told.count("retired") == 1
    assert len(desk.analysis.made[0].packets) == 1


def test_who_does_not_come_to_an_end_is_cut_short(desk: Desk) -> None:
    """What was said until then is an utterance."""
    desk.hear()
    desk.analysis.made[0].start(1_000)
    desk.hear()
    desk.speaker.retire()
    desk.speaker.retire(at_once=True)
    assert desk.told[-2:] == ["ended 0", "retired"]


def test_who_consents_gives_seconds_of_their_speech_and_takes_them_back_by_leaving(desk: Desk) -> None:
    """What goes to recognition is collected, and nothing before the consent."""
    desk.speaker.own_voice.consent(True)
    desk.hear()
    desk.analysis.made[0].start(desk.clock.epoch_ms())
    for _ in range(ENOUGH_MS // 10):
        desk.analysis.made[0].sound()
        desk.hear()
    (voice,) = desk.announced
    assert isinstance(voice, VoiceReference)
    assert voice.payload in b"".join(chunk.payload for chunk in desk.ingest.chunks)
    assert len(voice.payload) >= ENOUGH_MS * BYTES_PER_MS
    desk.speaker.close()
    assert desk.announced[1:] == [VoiceReference(room_id="hall", user_id="ann", ended=True)]


def test_sound_without_packets_is_analysed_and_heard(desk: Desk) -> None:
    """The analyser gets it as it came; the first loud 20 ms after a pause bring slots; packets follow if asked for."""
    outlet = FakeOutlet("1")
    desk.new_outlets = [outlet]
    desk.speaker.hear_sound(b"\1\0" * 320, desk.clock.now())
    assert not desk.speaker.sounds(127, desk.clock.now())
    assert desk.speaker.sounds(30, desk.clock.now())
    packet = AudioPacket(1, 960, b"opus", 30, None, desk.clock.now())
    desk.speaker.forward(packet)
    assert desk.analysis.made[-1].sounds == [b"\1\0" * 320]
    assert outlet.payloads == [b"opus"]
    assert desk.told == ["sounds"]


def test_sound_without_packets_is_not_heard_while_muted(desk: Desk) -> None:
    """As with packets: neither forwarded nor analysed."""
    desk.speaker.set_muted(True)
    desk.speaker.hear_sound(b"\1\0" * 320, desk.clock.now())
    assert not desk.speaker.sounds(30, desk.clock.now())
    assert (desk.analysis.made, desk.told) == ([], [])
