"""What hosts ask for over the signaling socket."""

from signaling.client_message import ClientMessage, ParticipantId


class HostMessage(ClientMessage, frozen=True, kw_only=True):
    """Something only a host may ask for."""


class Admit(HostMessage, frozen=True, kw_only=True, tag="admit"):
    """Let somebody in who waits, or let somebody come who would have to wait or was removed."""

    participant_id: ParticipantId


class Deny(HostMessage, frozen=True, kw_only=True, tag="deny"):
    """Send somebody away who waits."""

    participant_id: ParticipantId


class MuteParticipant(HostMessage, frozen=True, kw_only=True, tag="mute_participant"):
    """Switch somebody's microphone off; they can switch it on again."""

    participant_id: ParticipantId


class Remove(HostMessage, frozen=True, kw_only=True, tag="remove"):
    """Put somebody out, who then cannot come back."""

    participant_id: ParticipantId


class Lock(HostMessage, frozen=True, kw_only=True, tag="lock"):
    """Let nobody new in, or let them in again."""

    locked: bool


class SetLobby(HostMessage, frozen=True, kw_only=True, tag="set_lobby"):
    """Let people wait until they are admitted; or not, which lets in who waits."""

    lobby: bool


class EndRoom(HostMessage, frozen=True, kw_only=True, tag="end_room"):
    """Send everybody home."""


Hosting = Admit | Deny | MuteParticipant | Remove | Lock | SetLobby | EndRoom
