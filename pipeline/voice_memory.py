"""Whose own voices may be used now, and how they sound: in memory only."""

from collections.abc import Callable

from pipeline.bus.bus import Bus
from pipeline.following import follow
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.messages.base import Message
from pipeline.messages.room_settings import RoomSettings
from pipeline.messages.voice_reference import LONGEST_MS, VoiceReference
from pipeline.recent import Recent


class VoiceMemory:
    """Remembers `size` voices, some 200 kB each; when full, the one that came first is forgotten.

    One that is taken back is forgotten at once, and so are all of a room that ends.
    """

    def __init__(self, size: int, *, gone: Callable[[str], None] | None = None) -> None:
        """Remember nothing yet. `gone` is told the user ids of voices that were taken back."""
        self._size = size
        self._voices: Recent[tuple[str, str], bytes] = Recent(size)
        # Room -> who of it is remembered, to forget them together.
        self._rooms: dict[str, set[str]] = {}
        self._gone = gone

    def __len__(self) -> int:
        return len(self._voices)

    def reference(self, room_id: str, user_id: str) -> bytes:
        """Give a speaker's sound, 16 kHz mono s16le; empty if they never consented, or took it back."""
        return self._voices.get((room_id, user_id)) or b""

    def note(self, message: Message) -> None:
        """Learn from a record; others than voices and rooms that end say nothing."""
        if isinstance(message, RoomSettings) and message.ended:
            for user_id in self._rooms.pop(message.room_id, set()):
                self._forget(message.room_id, user_id)
        elif isinstance(message, VoiceReference):
            if message.ended or not message.payload:
                self._rooms.get(message.room_id, set()).discard(message.user_id)
                self._forget(message.room_id, message.user_id)
            else:
                self._keep(message)

    def _keep(self, voice: VoiceReference) -> None:
        self._voices.set((voice.room_id, voice.user_id), voice.payload[: LONGEST_MS * BYTES_PER_MS])
        self._rooms.setdefault(voice.room_id, set()).add(voice.user_id)
        if sum(map(len, self._rooms.values())) > 2 * self._size:  # those that were crowded out are not listed for ever
            self._rooms = {
                room_id: kept
                for room_id, users in self._rooms.items()
                if (kept := {user for user in users if (room_id, user) in self._voices})
            }

    def _forget(self, room_id: str, user_id: str) -> None:
        self._voices.forget((room_id, user_id))
        if self._gone is not None:
            self._gone(user_id)

    async def follow(self, bus: Bus, group: str = "") -> None:
        """Learn from everything on the topic, what stands there first, until the bus closes."""
        await follow(bus, VoiceReference.TOPIC, group, self.note)
