"""A room with people in it, on a clock that the test moves: fake browsers, scripted analysis, workers by hand."""

from collections.abc import Callable
from typing import TypeVar

from media_server.events import Event, Notice, Original, SlotChanged
from media_server.figures import UtteranceFigures
from media_server.ledger import Ledger
from media_server.packet import AudioPacket
from media_server.participant import Participant
from media_server.paths import Paths
from media_server.rights import ALL_RIGHTS, Rights
from media_server.room import Room
from media_server.settings import MediaSettings
from media_server.utterance import Utterance
from pipeline.messages import Message, Speech, Stage, Target, Transcript, WorkerStatus
from tests.fakes.analysis import KeptIngest, ScriptedAnalyser, ScriptedAnalysis
from tests.fakes.clock import EPOCH_MS, FakeClock
from tests.fakes.peers import FakeOutlet, FakePeer, FakePeers
from tests.fakes.speech import clause

E = TypeVar("E", bound=Event)

SILENCE = 127
VOICE = 30

WORKERS: dict[Stage, WorkerStatus] = {
    "recognition": WorkerStatus(
        worker_id="r", stage="recognition", engine="scripted", healthy=True, languages=("en", "es"), at_ms=EPOCH_MS
    ),
    "translation": WorkerStatus(
        worker_id="t",
        stage="translation",
        engine="scripted",
        healthy=True,
        pairs=(("en", "es"), ("es", "en"), ("en", "fr")),
        at_ms=EPOCH_MS,
    ),
    "synthesis": WorkerStatus(
        worker_id="s", stage="synthesis", engine="scripted", healthy=True, languages=("en", "es", "fr"), at_ms=EPOCH_MS
    ),
}


class Page:
    """One participant as a test sees them: what they were told, what they were sent."""

    def __init__(self, hall: "Hall") -> None:
        self.hall = hall
        self.told: list[Event] = []
        self.participant: Participant
        self.peer: FakePeer
        self._packets = 0
        # What their last utterance is known as.
        self.utterance: Utterance

    @property
    def id(self) -> str:
        return self.participant.participant_id

    @property
    def analyser(self) -> ScriptedAnalyser:
        """What analyses them; the first packet makes it."""
        return self.hall.analysers[self.id]

    def events(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def codes(self) -> list[str]:
        """The codes of the notices they were given."""
        return [event.code for event in self.events(Notice)]

    def outlet(self, kind: str, speaker: "Page") -> FakeOutlet | None:
        """Give the outlet that carries somebody's floor or voice, by what this page was told."""
        carries: dict[str, SlotChanged] = {event.mid: event for event in self.events(SlotChanged)}
        for outlet in self.peer.outlets:
            slot = carries.get(outlet.mid)
            if slot is not None and (slot.kind, slot.speaker_id) == (kind, speaker.id):
                return outlet
        return None

    def heard(self, kind: str, speaker: "Page") -> list[bytes]:
        """Give the payloads of somebody's floor or voice, whatever slot they came in."""
        sounds = [sound for outlet in self.peer.outlets for sound in outlet.forwarded]
        mine = [
            (packet.arrived, packet.payload) for source, packet in sounds if source.startswith(f"{kind}:{speaker.id}:")
        ]
        return [payload for _, payload in sorted(mine)]

    # What they do.

    def send(self, level: int = VOICE) -> AudioPacket:
        """Send one packet now."""
        number = self._packets = self._packets + 1
        packet = AudioPacket(
            number, number * 960, f"{self.id}{number}".encode(), level, level < 60, self.hall.clock.now()
        )
        self.peer.hear(packet)
        return packet

    def talk(self, seconds: float = 0.1, level: int = VOICE) -> list[bytes]:
        """Send a packet every 20 ms; give their payloads."""
        sent = []
        for _ in range(round(seconds / 0.02)):
            sent.append(self.send(level).payload)
            self.hall.advance(0.02)
        return sent

    def begin(self, chunks: int = 2) -> Utterance:
        """Begin an utterance with so many tenths of a second of sound."""
        self.send(SILENCE)
        self.analyser.start(self.hall.clock.epoch_ms())
        self.analyser.sound(chunks)
        self.talk(0.02)
        utterance = self.participant.speaker.utterance
        assert utterance is not None
        self.utterance = utterance
        return utterance

    def end(self, confirms: int = 0) -> None:
        """End the utterance."""
        self.analyser.end(confirms)
        self.send()

    def say(self) -> Utterance:
        """Begin and end an utterance."""
        self.begin()
        self.end()
        return self.utterance


class Hall:
    """A Room whose workers are all there: English, Spanish recognised; en-es, es-en, en-fr translated and spoken."""

    def __init__(self, settings: MediaSettings | None = None, *, workers: bool = True) -> None:
        self.settings = settings or MediaSettings()
        self.clock = FakeClock()
        self.paths = Paths(self.clock, self.settings.status_stale_ms)
        self.ledger = Ledger(self.clock, self.settings.ledger_ms)
        self.figures: list[UtteranceFigures] = []
        self.ledger.hooks.append(self.figures.append)
        self.ingest = KeptIngest()
        self.analysis = ScriptedAnalysis()
        self.analysers: dict[str, ScriptedAnalyser] = {}
        self.peers = FakePeers()
        self.pages: dict[str, Page] = {}
        self.ended: list[Room] = []
        # What the workers were told of the room.
        self.announced: list[Message] = []
        if workers:
            for status in WORKERS.values():
                self.paths.update(status)
        self.room = Room(
            "hall",
            paths=self.paths,
            ledger=self.ledger,
            ingest=self.ingest,
            announce=self.announced.append,
            new_peer=self.peers,
            new_analyser=self.analysis,
            settings=self.settings,
            clock=self.clock,
            on_end=self.ended.append,
        )
        # Somebody reads here what is said, so that everybody is analysed, unless the settings want no captions.
        self.room.set_readers(frozenset())

    def enter(
        self,
        name: str,
        *,
        speaks: str = "en",
        hears: str = "en",
        original: Original = "off",
        rights: Rights = ALL_RIGHTS,
    ) -> Page:
        """Let somebody join, without a connection yet."""
        page = Page(self)
        page.participant = self.room.join(
            participant_id=name,
            name=name.title(),
            speaking_language=speaks,
            listening_language=hears,
            original=original,
            events=page.told.append,
            rights=rights,
        )
        self.pages[name] = page
        return page

    async def join(
        self,
        name: str,
        *,
        speaks: str = "en",
        hears: str = "en",
        original: Original = "off",
        rights: Rights = ALL_RIGHTS,
    ) -> Page:
        """Let somebody join and connect."""
        page = self.enter(name, speaks=speaks, hears=hears, original=original, rights=rights)
        await self.connect(page)
        return page

    async def connect(self, page: Page) -> None:
        """Let somebody's browser make an offer; a silent packet shows which analyser is theirs."""
        before = len(self.analysis.made)
        await page.participant.answer("offer")
        page.peer = self.peers.made[-1]
        self.clock.advance(0)
        page.send(SILENCE)
        if len(self.analysis.made) > before:
            self.analysers[page.id] = self.analysis.made[-1]

    def advance(self, seconds: float) -> None:
        """Let time pass, with the room's tick every 50 ms."""
        end = self.clock.now() + seconds
        tick = 0.05
        while (due := (self.clock.now() // tick + 1) * tick) <= end + 1e-9:
            self.clock.advance(due - self.clock.now() + 1e-6)
            self.keep_workers()
            self.room.tick()
        self.clock.advance(max(0.0, end - self.clock.now()))

    def keep_workers(self) -> None:
        """Let the workers that there are say so again, as they do every 2 s."""
        for heard in list(self.paths._workers.values()):
            self.paths.update(heard.status)

    def speak(self, speaker: Page, number: int = 0, *, language: str = "es", **fields: object) -> list[Speech]:
        """Let the synthesizer bring a clause of somebody's last utterance, whose audio ended now."""
        fields.setdefault("ended_at_ms", self.clock.epoch_ms())
        records = clause(speaker.utterance, number, language=language, **fields)  # type: ignore[arg-type]
        for each in records:
            self.room.speech(each)
        return records

    def transcribe(
        self, speaker: Page, number: int = 0, *, text: str = "words", language: str = "en", **fields: object
    ) -> None:
        """Let recognition commit a clause of somebody's last utterance, whose audio ended now."""
        targets = tuple(Target(each) for each in ("es", "en", "fr") if each != language)
        transcript = Transcript(
            room_id="hall",
            user_id=speaker.id,
            sequence_number=1,
            utterance_id=speaker.utterance.utterance_id,
            payload=text,
            language=language,
            clause=number,
            is_final=True,
            ended_at_ms=self.clock.epoch_ms(),
            targets=targets,
            **fields,  # type: ignore[arg-type]
        )
        self.room.transcript(transcript)

    def worker(self, stage: Stage, change: Callable[[WorkerStatus], WorkerStatus]) -> None:
        """Let a worker say something else of itself."""
        if self.paths.update(change(WORKERS[stage])):
            self.room.paths_changed()
