"""What one identity may do, by whichever socket: coming again does not make anybody forgotten."""

from collections import OrderedDict

from signaling.identity.grant import Identity
from signaling.rate import Rate
from signaling.settings import SignalingSettings

# Identities remembered, about 1 kB each. When full, the one that came longest ago is forgotten.
_KEPT = 512


class Limits:
    """The rates of one identity in one room."""

    __slots__ = ("changes", "joins", "messages", "relayed", "relays", "strikes")

    def __init__(self, settings: SignalingSettings) -> None:
        self.messages = Rate(settings.messages_per_second, settings.message_burst)
        self.changes = Rate(settings.changes_per_second, settings.change_burst)
        self.strikes = Rate(settings.strikes_forgiven_per_second, settings.strikes)
        self.joins = Rate(settings.joins_per_second, settings.join_burst)
        # What they send to other participants, and are sent by all of them together.
        hosting = settings.hosting
        self.relays = Rate(hosting.relays_per_second, hosting.relay_burst)
        self.relayed = Rate(2 * hosting.relays_per_second, 2 * hosting.relay_burst)


class AllLimits:
    """The limits of whoever came lately."""

    def __init__(self, settings: SignalingSettings) -> None:
        self._settings = settings
        self._limits: OrderedDict[Identity, Limits] = OrderedDict()

    def of(self, identity: Identity) -> Limits:
        """Give those of one identity, the same for each of its sockets."""
        limits = self._limits.setdefault(identity, Limits(self._settings))
        self._limits.move_to_end(identity)
        if len(self._limits) > _KEPT:
            self._limits.popitem(last=False)
        return limits
