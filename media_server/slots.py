"""Who sits in which slot: floor slots go to whoever speaks, voice slots to whose voice plays. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

SILENCE_DB = -127.0


class SlotChange(NamedTuple):
    """From now on a slot carries `speaker_id`, or nobody."""

    slot: int
    speaker_id: str | None


class SlotAssigner:
    """Gives one listener's floor slots to speakers, loudest first, and lets them keep them while they talk."""

    def __init__(self, count: int, *, hold_s: float = 2.0, displace_db: float = 6.0, displace_s: float = 0.5) -> None:
        """Let the silent stay for `hold_s`, and a newcomer displace somebody by `displace_db` for `displace_s`.

        With all slots taken, whoever has been silent for `displace_s` gives way at once.
        """
        self.seats: list[str | None] = [None] * count
        self._hold_s = hold_s
        self._displace_db = displace_db
        self._displace_s = displace_s
        # Seated speaker -> when they last made a sound.
        self._heard_at: dict[str, float] = {}
        # Speaker -> the slot they had last, to give them the same again.
        self._usual: dict[str, int] = {}
        # Without a slot, and loud enough to displace somebody -> since when.
        self._challenging: dict[str, float] = {}

    def slot_of(self, speaker_id: str) -> int | None:
        """Say where a speaker sits."""
        return self.seats.index(speaker_id) if speaker_id in self._heard_at else None

    def assign(self, loudness: Mapping[str, float], entitled: Collection[str], now: float) -> list[SlotChange]:
        """Bring the seats up to date; say which changed.

        `loudness` has those who sound now (dB, louder is higher), `entitled` all whose floor this listener gets; who
        is not among them loses the slot at once. `now` is in seconds.
        """
        if self._settled(loudness, entitled, now):
            return []
        before = list(self.seats)
        self._usual = {speaker: slot for speaker, slot in self._usual.items() if speaker in entitled}
        for speaker in [speaker for speaker in self._heard_at if speaker not in entitled]:
            self._vacate(speaker)
        sounding = {speaker: level for speaker, level in loudness.items() if speaker in entitled}
        for speaker in sounding.keys() & self._heard_at.keys():
            self._heard_at[speaker] = now
        for speaker in [speaker for speaker, at in self._heard_at.items() if now - at > self._hold_s]:
            self._vacate(speaker)
        waiting = sorted(sounding.keys() - self._heard_at.keys(), key=lambda speaker: (-sounding[speaker], speaker))
        for speaker in list(waiting):
            if None not in self.seats:
                break
            self._seat(speaker, self._free_slot(speaker), now)
            waiting.remove(speaker)
        for speaker in list(waiting):
            silent = min(self._heard_at, key=lambda seated: (self._heard_at[seated], seated), default=None)
            if silent is None or now - self._heard_at[silent] < self._displace_s:
                break
            self._replace(silent, speaker, now)
            waiting.remove(speaker)
        self._displace(waiting, sounding, now)
        return [SlotChange(i, self.seats[i]) for i in range(len(before)) if self.seats[i] != before[i]]

    def _settled(self, loudness: Mapping[str, float], entitled: Collection[str], now: float) -> bool:
        """Say whether all who sound sit and all who sit may stay, as nearly always; note who was heard."""
        heard_at = self._heard_at
        for speaker in loudness:
            if speaker not in heard_at and speaker in entitled:
                return False
        for speaker, at in heard_at.items():
            if speaker not in entitled:
                return False
            if speaker in loudness:
                heard_at[speaker] = now
            elif now - at > self._hold_s:
                return False
        self._challenging.clear()
        return True

    def _displace(self, waiting: list[str], sounding: Mapping[str, float], now: float) -> None:
        """Let the loudest of those waiting take the quietest one's place, if they have been louder for long enough."""
        if not waiting or not self.seats:
            self._challenging.clear()
            return
        quietest = min(self._heard_at, key=lambda speaker: (sounding.get(speaker, SILENCE_DB), speaker))
        bar = sounding.get(quietest, SILENCE_DB) + self._displace_db
        louder = [speaker for speaker in waiting if sounding[speaker] >= bar]
        self._challenging = {speaker: self._challenging.get(speaker, now) for speaker in louder}
        for speaker in louder:
            if now - self._challenging[speaker] >= self._displace_s:
                self._replace(quietest, speaker, now)
                return

    def _replace(self, seated: str, newcomer: str, now: float) -> None:
        slot = self.seats.index(seated)
        self._vacate(seated)
        self._seat(newcomer, slot, now)

    def _free_slot(self, speaker: str) -> int:
        usual = self._usual.get(speaker)
        if usual is not None and self.seats[usual] is None:
            return usual
        free = [slot for slot, seated in enumerate(self.seats) if seated is None]
        # Rather one that nobody else is used to.
        return next((slot for slot in free if slot not in self._usual.values()), free[0])

    def _seat(self, speaker: str, slot: int, now: float) -> None:
        self.seats[slot] = speaker
        self._usual[speaker] = slot
        self._heard_at[speaker] = now
        self._challenging.pop(speaker, None)

    def _vacate(self, speaker: str) -> None:
        self.seats[self.seats.index(speaker)] = None
        del self._heard_at[speaker]


class VoiceSlots:
    """Keeps one listener's voice slots: a voice has the one it is given until it is given back."""

    def __init__(self, count: int) -> None:
        self.seats: list[str | None] = [None] * count
        # The speaker each slot had last.
        self._usual: list[str | None] = [None] * count
        # Seated speakers whose voice is silent for now, the longest silent first.
        self._resting: dict[str, None] = {}

    @property
    def longest_resting(self) -> str | None:
        """Say who is to give way when all slots are taken; None if every voice there is sounds."""
        return next(iter(self._resting), None)

    def rest(self, speaker_id: str) -> None:
        """Let a voice fall silent, and keep its slot until another voice needs it."""
        if speaker_id in self.seats:
            self._resting.setdefault(speaker_id)

    def take(self, speaker_id: str) -> int | None:
        """Give a speaker's voice a slot: the one it has, had last, or any; None when all are taken."""
        for seats in (self.seats, self._usual):
            if speaker_id in seats and self.seats[seats.index(speaker_id)] in (None, speaker_id):
                return self._seat(speaker_id, seats.index(speaker_id))
        free = [slot for slot, seated in enumerate(self.seats) if seated is None]
        if not free:
            return None
        return self._seat(speaker_id, next((slot for slot in free if self._usual[slot] is None), free[0]))

    def release(self, speaker_id: str) -> int | None:
        """Take the slot back; say which it was, None if there was none."""
        self._resting.pop(speaker_id, None)
        if speaker_id not in self.seats:
            return None
        slot = self.seats.index(speaker_id)
        self.seats[slot] = None
        return slot

    def _seat(self, speaker_id: str, slot: int) -> int:
        self.seats[slot] = self._usual[slot] = speaker_id
        self._resting.pop(speaker_id, None)
        return slot
