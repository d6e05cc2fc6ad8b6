"""What a participant's loudspeaker plays, as far as this node sends it."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.alike import LONGEST_LAG
from media_server.analysis.spectrum import QUIETEST
from media_server.analysis.trace import Trace
from media_server.participant import Participant
from media_server.voices import Voices


class Earshot:
    """Answers the guards against echoes of one room: which sounds went to whom, lately.

    Taken for heard are the voices in somebody's language and the floors that are due to them, whether or not they have
    a slot for each: a sound too many costs nothing, as it is compared with what the microphone hears.
    """

    def __init__(self, members: Mapping[str, Participant], voices: Voices) -> None:
        self._members = members
        self._voices = voices

    def of(self, participant_id: str, first: int, last: int) -> NDArray[np.float64] | None:
        """Give the bands of each frame from `first` to `last`, shape (frames, BANDS); None if all of them were silent.

        Silent means: nothing was sent for so long before `last` that no echo of it can still come.
        """
        listener = self._members.get(participant_id)
        if listener is None:
            return None
        traces = list(self._traces(listener, last - 2 * LONGEST_LAG))
        if not traces:
            return None
        if len(traces) == 1:
            return traces[0].between(first, last)
        powers = sum(10 ** (trace.between(first, last) / 10) for trace in traces)
        bands: NDArray[np.float64] = 10 * np.log10(np.maximum(powers, 10 ** (QUIETEST / 10)))
        return bands

    def _traces(self, listener: Participant, oldest: int) -> Iterator[Trace]:
        """Give those with something since frame `oldest`; most people are silent, so that is asked first."""
        for trace in self._voices.traces(listener.participant_id, listener.listener.language):
            if trace.newest >= oldest:
                yield trace
        for member_id, member in self._members.items():
            sound = member.speaker.trace
            if sound is not None and sound.newest >= oldest and listener.listener.hears_floor(member_id):
                yield sound
