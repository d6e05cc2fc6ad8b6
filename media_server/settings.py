"""What can be set about the media server, with the values it has otherwise."""

from dataclasses import dataclass, field

from media_server.analysis.settings import AnalysisSettings


@dataclass(frozen=True)
class MediaSettings:
    """Rooms, slots, routing and playout. Durations are milliseconds, levels -dBov (0 loudest, 127 silence).

    Raises:
        ValueError: a value that cannot work; the message names it.
    """

    # Outgoing m-lines of a listener, negotiated once: how many carry originals, how many voices. An offer with fewer
    # is shared out in the same proportion.
    floor_slots: int = 4
    voice_slots: int = 4
    # Whether reading is a reason to recognise: then everybody who can be recognised is analysed where somebody reads
    # captions or a transcript is kept, even if nobody needs a voice. Where nobody does either, nobody is analysed.
    captions: bool = True
    # Whether what a microphone hears of its own loudspeaker is told from speech, if a browser does not take it out.
    echo_guard: bool = True
    # How often rooms look at what time alone changes: levels, releases, holes, deadlines, analysis.
    tick_ms: int = 50
    # How often the analysis of those in the middle of an utterance looks at the time: in silence their browsers send
    # nothing (DTX), and the end of an utterance should be noticed as soon as with a packet every 20 ms.
    speech_tick_ms: int = 20

    # How long after the end of a clause's audio its voice must be there; what comes later is not spoken.
    voice_deadline_ms: int = 5_000
    # How long after that end a voice that was there in time may still begin: until then it waits for its turn, while
    # what was said before, or by others, is spoken. Two people who talk at once for 6 s need 7 s of it.
    voice_turn_ms: int = 10_000
    # How long playout waits for what is missing between two things it has.
    hole_ms: int = 1_500
    # Let voices of different speakers sound at once, instead of one after the other.
    overlap: bool = False
    # How long after its last packet a voice keeps its slot, and the original stays low.
    voice_hold_ms: int = 400
    # After so many utterances in a row whose voice did not come in time, the originals stay until one does.
    late_utterances: int = 2

    # A packet louder than this counts as sound: its sender gets a floor slot.
    sound_level: int = 65
    # Somebody is shown as talking from this level on ...
    talk_level: int = 50
    # ... until they were quieter than this for `talk_hold_ms`.
    quiet_level: int = 58
    talk_hold_ms: int = 500
    # `speaking` events come at most this often.
    speaking_interval_ms: int = 250
    # How long a speaker keeps a floor slot without a sound.
    floor_hold_ms: int = 2_000
    # When all slots are taken: so much louder (decibels), for so long, and the quietest gives way.
    displace_db: float = 6.0
    displace_ms: int = 500

    # A worker that has not been heard of for so long does not count.
    status_stale_ms: int = 6_000
    # After a failure, a speaker's analysis is tried again this much later; twice as long after each further one, up to
    # the most, until it has heard an utterance out.
    analysis_retry_ms: int = 5_000
    analysis_retry_max_ms: int = 60_000
    # How long after its end an utterance's log line waits for the voices; longer than the last of them may wait.
    ledger_ms: int = 15_000
    # A room that nobody joined is closed after so long.
    empty_room_ms: int = 30_000
    # How long a node that is told to stop waits at most until what is being said is finished and its voices are heard.
    # With 0 it stops at once, whoever talks.
    drain_ms: int = 10_000

    # How speech is found in what a microphone sends.
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)

    def __post_init__(self) -> None:
        positive = (
            "floor_slots",
            "voice_slots",
            "tick_ms",
            "speech_tick_ms",
            "voice_deadline_ms",
            "hole_ms",
            "late_utterances",
        )
        for name in positive:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be above 0")
        if self.drain_ms < 0:
            raise ValueError(f"drain_ms is {self.drain_ms}, but it must be at least 0")
        if self.voice_turn_ms < self.voice_deadline_ms:
            raise ValueError(f"voice_turn_ms is {self.voice_turn_ms}, but it must be at least voice_deadline_ms")
