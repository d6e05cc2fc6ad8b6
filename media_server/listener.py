"""The receiving half of a participant: what is sent to their browser, and in which slot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from media_server.clock import Clock
from media_server.events import (
    Event,
    EventSink,
    Original,
    RestoreOriginal,
    SlotChanged,
    SlotForwarded,
    SuppressOriginal,
    VoiceSounding,
)
from media_server.hearing import Hearing
from media_server.insight.soundings import Soundings
from media_server.notices import TRANSLATION_RESUMED, notice
from media_server.paths import PathState
from media_server.peer import Outlet
from media_server.settings import MediaSettings
from media_server.slots import SlotAssigner, VoiceSlots
from media_server.targets import tongue
from media_server.utterance import Utterance
from pipeline.messages import Speech


class Listener:
    """Applies routing to one browser's outlets, and tells its page what each slot carries before it does.

    Never hears its own participant: whoever calls sees to it that a speaker's id is never the listener's own.
    """

    def __init__(
        self, *, language: str, original: Original, events: EventSink, settings: MediaSettings, clock: Clock
    ) -> None:
        self.language = language
        self.original: Original = original
        self._events = events
        self._settings = settings
        self._clock = clock
        self._hearings: dict[str, Hearing] = {}
        # Speakers whose floor is due, slot or not.
        self._floors: set[str] = set()
        # Empty until the browser is connected.
        self._floor_outlets: Sequence[Outlet] = ()
        self._voice_outlets: Sequence[Outlet] = ()
        self._floor_slots = self._assigner(0)
        self._voice_slots = VoiceSlots(0)
        # Speaker with a voice slot -> the language of that voice.
        self._voice_languages: dict[str, str] = {}
        # When what was sent here began to sound.
        self.soundings = Soundings(clock)
        # Told (speaker id, utterance id) when nothing of an utterance's voice will be played any more.
        self.on_voice_over: Callable[[str, str], None] = _ignore

    def connect(self, outlets: Sequence[Outlet]) -> None:
        """Use these outlets from now on, floor slots first.

        With the m-lines of the earlier ones everybody keeps their slot; otherwise whatever was on those has ended.
        """
        if outlets and [outlet.mid for outlet in outlets] == [mid for mid, _ in self.slots]:
            floors = len(self._floor_outlets)
            self._floor_outlets, self._voice_outlets = outlets[:floors], outlets[floors:]
            return
        for speaker_id in [speaker for speaker in self._voice_slots.seats if speaker is not None]:
            self.end_voice(speaker_id)
        for outlet, seated in zip(self._floor_outlets, self._floor_slots.seats, strict=True):
            if seated is not None:
                outlet.rest()
                self._events(SlotChanged(mid=outlet.mid, kind="none"))
        share = self._settings.floor_slots / max(1, self._settings.floor_slots + self._settings.voice_slots)
        floors = -int(-len(outlets) * share // 1)
        self._floor_outlets, self._voice_outlets = outlets[:floors], outlets[floors:]
        self._floor_slots = self._assigner(len(self._floor_outlets))
        self._voice_slots = VoiceSlots(len(self._voice_outlets))

    @property
    def slots(self) -> list[tuple[str, Literal["floor", "voice"]]]:
        """The m-lines and what each is for."""
        floors: list[tuple[str, Literal["floor", "voice"]]] = [(outlet.mid, "floor") for outlet in self._floor_outlets]
        return floors + [(outlet.mid, "voice") for outlet in self._voice_outlets]

    def present(self) -> list[Event]:
        """Say what holds now, for a page that was not told: slots taken, originals that give way, notices."""
        events: list[Event] = []
        for outlet, speaker_id in zip(self._floor_outlets, self._floor_slots.seats, strict=True):
            if speaker_id is not None:
                events.append(SlotChanged(mid=outlet.mid, kind="floor", speaker_id=speaker_id))
        for outlet, speaker_id in zip(self._voice_outlets, self._voice_slots.seats, strict=True):
            if speaker_id is not None:
                events += self._voice_begun(outlet, speaker_id)
        events += [notice(hearing.told, speaker) for speaker, hearing in self._hearings.items() if hearing.told]
        return events

    def consider(self, speaker_id: str, *, speaking: str, path: PathState, utterance_id: str | None) -> None:
        """Decide anew what to hear of a speaker; `utterance_id` is the one they are in the middle of."""
        hearing = self._hearings.get(speaker_id)
        if hearing is None:
            hearing = self._hearings[speaker_id] = Hearing(utterance_id)
        hearing.decide(
            listening=self.language,
            speaking=speaking,
            path=PathState.NONE if self._voiceless else path,
            original=self.original,
            now_ms=self._clock.epoch_ms(),
        )
        self._apply(speaker_id, hearing)

    def utterance_started(self, speaker_id: str, utterance_id: str) -> None:
        """Begin a speaker's utterance."""
        if (hearing := self._hearings.get(speaker_id)) is not None:
            hearing.utterance_started(utterance_id)
            self._apply(speaker_id, hearing)

    def utterance_ended(self, speaker_id: str, utterance_id: str) -> None:
        """End a speaker's utterance."""
        if (hearing := self._hearings.get(speaker_id)) is not None:
            hearing.utterance_ended(utterance_id)
            self._apply(speaker_id, hearing)

    def voice_missed(self, speaker_id: str, utterance_id: str) -> None:
        """Give up on a voice in this listener's language that did not come in time."""
        hearing = self._hearings.get(speaker_id)
        if hearing is not None and hearing.voiced(utterance_id):
            hearing.voice_missed(self._clock.epoch_ms())
            self._apply(speaker_id, hearing)

    def open_utterance(self, speaker_id: str) -> str | None:
        """Give the utterance a speaker is in the middle of, as far as this listener is told of any."""
        hearing = self._hearings.get(speaker_id)
        return None if hearing is None else hearing.open_utterance

    def speaker_left(self, speaker_id: str) -> None:
        """Expect no floor of a speaker any more, though the voice of what they said may still come."""
        self._floors.discard(speaker_id)
        if (hearing := self._hearings.get(speaker_id)) is not None:
            hearing.told = None

    def forget(self, speaker_id: str) -> None:
        """Nothing of this speaker is to be heard any more."""
        self._floors.discard(speaker_id)
        self._hearings.pop(speaker_id, None)

    def forget_all(self) -> None:
        """Nothing of anybody is to be heard any more."""
        self._floors.clear()
        self._hearings.clear()

    def hears_floor(self, speaker_id: str) -> bool:
        """Whether this speaker's floor is due to this listener."""
        return speaker_id in self._floors

    def voice_due(self, speaker_id: str, utterance_id: str, ended_at_ms: int) -> bool:
        """Whether the voice of a clause that ended then (epoch ms) is for this listener, if it is in their language."""
        hearing = self._hearings.get(speaker_id)
        return hearing is not None and hearing.voice_due(utterance_id, ended_at_ms)

    def seat(self, loudness: Mapping[str, float], silenced: str | None = None) -> set[str]:
        """Bring the floor slots up to date; say for which speakers the outlet changed.

        `loudness`: those who sound now, in dB. `silenced`: one who must lose the slot at once.
        """
        before = list(self._floor_slots.seats)
        entitled = self._floors - {silenced} if silenced else self._floors
        changed: set[str] = set()
        for index, speaker_id in self._floor_slots.assign(loudness, entitled, self._clock.now()):
            outlet = self._floor_outlets[index]
            outlet.rest()
            if speaker_id is None:
                self._events(SlotChanged(mid=outlet.mid, kind="none"))
            else:
                self._events(SlotChanged(mid=outlet.mid, kind="floor", speaker_id=speaker_id))
            changed.update(speaker for speaker in (before[index], speaker_id) if speaker is not None)
        return changed

    def floor_outlet(self, speaker_id: str) -> Outlet | None:
        """Give the outlet that carries a speaker's floor now."""
        slot = self._floor_slots.slot_of(speaker_id)
        return None if slot is None else self._floor_outlets[slot]

    def begin_voice(self, speaker_id: str, language: str) -> Outlet | None:
        """Give a speaker's voice its slot, the same while it lasts; None if voices sound in all of them."""
        begins = speaker_id not in self._voice_slots.seats
        slot = self._voice_slots.take(speaker_id)
        if slot is None and (silent := self._voice_slots.longest_resting) is not None:
            self.end_voice(silent)
            slot = self._voice_slots.take(speaker_id)
        if slot is None:
            return None
        outlet = self._voice_outlets[slot]
        if begins:
            self._voice_languages[speaker_id] = language
            for event in self._voice_begun(outlet, speaker_id):
                self._events(event)
        return outlet

    def voice_began(self, speech: Speech, utterance: Utterance, outlet: Outlet) -> None:
        """Ask the page when a clause's voice sounds, whose first packet left by this outlet just now."""
        timestamp = outlet.sent.timestamp
        if timestamp is None:
            return
        self.soundings.began(utterance.utterance_id, speech.clause, tongue(speech.language), speech.ended_at_ms)
        self._events(
            VoiceSounding(
                mid=outlet.mid,
                speaker_id=utterance.speaker_id,
                utterance_id=utterance.utterance_id,
                clause=speech.clause,
                language=speech.language,
                rtp_timestamp=timestamp,
            )
        )

    def forwarded(self) -> tuple[SlotForwarded, ...]:
        """Say what was sent in each slot so far, and who is in it."""
        floors = zip(self._floor_outlets, self._floor_slots.seats, strict=True)
        voices = zip(self._voice_outlets, self._voice_slots.seats, strict=True)
        return (
            *(_forwarded(outlet, "floor", speaker_id) for outlet, speaker_id in floors),
            *(
                _forwarded(outlet, "voice", speaker_id, self._voice_languages.get(speaker_id or ""))
                for outlet, speaker_id in voices
            ),
        )

    def rest_voice(self, speaker_id: str) -> None:
        """Let a voice's slot rest, ready for it to go on, or for another voice. Harmless if it has none."""
        if speaker_id in self._voice_slots.seats:
            self._voice_outlets[self._voice_slots.seats.index(speaker_id)].rest()
            self._voice_slots.rest(speaker_id)

    def end_voice(self, speaker_id: str) -> None:
        """Take a voice's slot back. Harmless if it has none."""
        slot = self._voice_slots.release(speaker_id)
        if slot is not None:
            del self._voice_languages[speaker_id]
            outlet = self._voice_outlets[slot]
            self._events(RestoreOriginal(speaker_id=speaker_id))
            outlet.rest()
            self._events(SlotChanged(mid=outlet.mid, kind="none"))

    @property
    def _voiceless(self) -> bool:
        """Whether the browser, once connected, has no slot for any voice."""
        return bool(self._floor_outlets) and not self._voice_outlets

    def _voice_begun(self, outlet: Outlet, speaker_id: str) -> tuple[Event, Event]:
        language = self._voice_languages[speaker_id]
        slot = SlotChanged(mid=outlet.mid, kind="voice", speaker_id=speaker_id, language=language)
        return slot, SuppressOriginal(speaker_id=speaker_id)

    def _apply(self, speaker_id: str, hearing: Hearing) -> None:
        """Take over what was decided, and tell the page if it is not what was asked for."""
        if hearing.route.floor:
            self._floors.add(speaker_id)
        else:
            self._floors.discard(speaker_id)
        due = hearing.route.notice
        if due is not None and due != hearing.told:
            self._events(notice(due, speaker_id))
            hearing.told = due
        elif hearing.told is not None and hearing.route.voice:
            self._events(notice(TRANSLATION_RESUMED, speaker_id))
            hearing.told = None

    def _assigner(self, count: int) -> SlotAssigner:
        return SlotAssigner(
            count,
            hold_s=self._settings.floor_hold_ms / 1_000,
            displace_db=self._settings.displace_db,
            displace_s=self._settings.displace_ms / 1_000,
        )


def _forwarded(
    outlet: Outlet, kind: Literal["floor", "voice"], speaker_id: str | None, language: str | None = None
) -> SlotForwarded:
    packets, octets, _ = outlet.sent
    return SlotForwarded(
        mid=outlet.mid, kind=kind, speaker_id=speaker_id, language=language, packets=packets, octets=octets
    )


def _ignore(speaker_id: str, utterance_id: str) -> None:
    """Do nothing: a browser is told by its slots."""
