"""A `Peer` without an offer: for a participant whose sound comes and goes as it is."""

from collections import OrderedDict
from collections.abc import Callable

from media_server.clock import Clock, LoopClock
from media_server.direct.decoders import SharedDecoders
from media_server.direct.frame import Kind, SoundFrame
from media_server.direct.microphone import DirectMicrophone
from media_server.direct.outlet import DirectOutlet
from media_server.direct.stream import Stream
from media_server.listener import Listener
from media_server.packet import AudioPacket
from media_server.peer import IceCandidate, LinkFigures, OfferError, PeerState
from media_server.speaker import Speaker

SLOTS = 8
"""Outlets, which the room shares out between floors and voices as it does those of browsers."""
MOST_STREAMS = 256
"""Voices and floors whose numbering is remembered; beyond it, the one heard longest ago begins at 1 again."""


class DirectConnection:
    """One client's sound, both ways. `Participant.use` attaches it; `hear` takes what the client sends.

    `on_frame` is called with each piece of sound for the client, in order, and never blocks; `on_closed` once, when
    the room closed the connection or another took its place.
    """

    def __init__(
        self,
        *,
        decoders: SharedDecoders,
        on_frame: Callable[[SoundFrame], None],
        on_closed: Callable[[], None],
        frame_ms: int = 100,
        receives: bool = True,
        clock: Clock | None = None,
    ) -> None:
        """`frame_ms`: what a frame of sound lasts; 0: Opus packets as they are. `receives`: whether there are any."""
        self.on_packet: Callable[[AudioPacket], None] = _ignore
        self.on_state: Callable[[PeerState], None] = _ignore
        self.state = PeerState.CONNECTED
        self.receives = receives
        self.outlets = tuple(DirectOutlet(f"direct-{index}", self) for index in range(SLOTS if receives else 0))
        self._decoders = decoders
        self._on_frame = on_frame
        self._on_closed = on_closed
        self._frame_ms = frame_ms
        self._clock = clock or LoopClock()
        # By (speaker, kind), the one heard longest ago first.
        self._streams: OrderedDict[tuple[str, Kind], Stream] = OrderedDict()
        self._microphone: DirectMicrophone | None = None
        self._listener: Listener | None = None

    @property
    def figures(self) -> LinkFigures:
        """Nothing: a client's WebSocket tells nothing of losses."""
        return LinkFigures()

    def attach(self, speaker: Speaker, listener: Listener) -> None:
        """Let sound come from and go to this participant."""
        self._microphone = DirectMicrophone(speaker, self._clock)
        self._listener = listener
        listener.on_voice_over = self._voice_over

    def hear(self, pcm: bytes) -> None:
        """Take 16 kHz mono s16le, up to 1 s, that has just arrived and follows on the last."""
        if self._microphone is not None:
            self._microphone.hear(pcm)

    async def answer(self, offer: str) -> str:  # noqa: ARG002 - there is none
        """Refuse: see Peer."""
        raise OfferError("this connection takes no offer")

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """Ignore it: see Peer."""

    async def close(self) -> None:
        """End; nothing goes either way from now on. Idempotent."""
        if self.state is PeerState.CLOSED:
            return
        self.state = PeerState.CLOSED
        if self._microphone is not None:
            self._microphone.close()
        self._microphone = self._listener = None
        self._streams.clear()
        self._on_closed()
        self.on_state(self.state)  # whoever had it in use until now has lost it

    # What the outlets carry.

    def take(self, source: str, packet: AudioPacket) -> None:
        """See Receiver."""
        listener = self._listener
        if listener is None:
            return
        key = kind, speaker_id = _read(source)
        origin = packet.origin
        utterance_id = origin.utterance_id if origin else listener.open_utterance(speaker_id) or ""
        sound = self._decoders.decode(source, packet) if self._frame_ms else packet.payload
        stream = self._streams.get((speaker_id, kind)) or self._new_stream(*key)
        self._streams.move_to_end((speaker_id, kind))
        self._give(stream.add(sound, utterance_id, origin, self._clock.epoch_ms()))

    def rest(self, source: str) -> None:
        """See Receiver."""
        kind, speaker_id = _read(source)
        stream = self._streams.get((speaker_id, kind))
        if stream is not None:
            self._give(stream.rest())

    def _voice_over(self, speaker_id: str, utterance_id: str) -> None:
        stream = self._streams.get((speaker_id, "voice"))
        if stream is not None:
            self._give(stream.finish(utterance_id))

    def _new_stream(self, kind: Kind, speaker_id: str) -> Stream:
        stream = self._streams[speaker_id, kind] = Stream(speaker_id, kind, frame_ms=self._frame_ms)
        if len(self._streams) > MOST_STREAMS:
            self._streams.popitem(last=False)
        return stream

    def _give(self, frames: list[SoundFrame]) -> None:
        for frame in frames:
            self._on_frame(frame)


def _read(source: str) -> tuple[Kind, str]:
    """Say what a source is, and whose: `Speaker` and `VoiceSource` name them kind:speaker:..."""
    kind, speaker_id, _ = source.split(":", 2)
    return "voice" if kind == "voice" else "floor", speaker_id


def _ignore(_: object) -> None:
    """Nobody asks: sound comes by `hear`, and the end by `on_closed`."""
