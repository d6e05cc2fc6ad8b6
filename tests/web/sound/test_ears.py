"""When a voice began to sound, as the page tells it: for voices that play, counted back, across the end of numbers."""

import asyncio
import time

import numpy as np
import pytest

from media_server.events import VoiceSounding
from media_server.packet import AudioPacket
from tests.support.opus import encode
from tests.support.until import until
from tests.web.conftest import Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOUNDING = "async (given) => (await import('/assets/js/sound/ears.js')).soundingPacket(...given)"
AGO = "async (given) => (await import('/assets/js/sound/ears.js')).soundedAgo(...given)"


async def test_the_page_tells_when_a_voice_sounds(visit: Visiting) -> None:
    """Once, soon after it does; of what never comes nothing is told."""
    async with visit() as visiting:
        me = await visiting.join()
        assert me.peer is not None
        outlet = me.peer.outlets[4]
        payloads = encode((np.sin(np.arange(16_000) * 0.17) * 9_000).astype(np.int16))
        asked_at = 0.0
        for number, payload in enumerate(payloads):
            outlet.forward("voice:anna:es:0", AudioPacket(number, number * 960, payload, None, None, time.monotonic()))
            timestamp = outlet.sent.timestamp
            assert timestamp is not None
            if number in (10, 11):
                never = (timestamp - 48_000 * 60) & 0xFFFFFFFF
                asked_at = time.monotonic()
                tell(
                    me,
                    VoiceSounding(
                        mid=outlet.mid,
                        speaker_id="anna",
                        utterance_id=f"u{number}",
                        clause=3,
                        language="es",
                        rtp_timestamp=timestamp if number == 10 else never,
                    ),
                )
            await asyncio.sleep(0.02)
        await until(lambda: bool(me.heard_voices))
        ((utterance_id, clause, language, ago_ms),) = me.heard_voices
        assert (utterance_id, clause, language) == ("u10", 3, "es")
        assert 0 <= ago_ms < (time.monotonic() - asked_at) * 1_000 + 50

        for sources, awaited, sounding in (
            ([], 0, None),
            ([{"rtpTimestamp": 960, "timestamp": 5_000}], 960, {"at": 5_000, "behind": 0}),
            ([{"rtpTimestamp": 960, "timestamp": 5_000}], 1_920, None),
            ([{"rtpTimestamp": 480, "timestamp": 5_000}], 2**32 - 480, {"at": 5_000, "behind": 20}),
            ([{"rtpTimestamp": 2**32 - 480, "timestamp": 5_000}], 480, None),
            ([{"rtpTimestamp": 48_000 * 9, "timestamp": 5_000}], 0, None),
        ):
            assert await visiting.page.evaluate(SOUNDING, [sources, awaited]) == sounding

        packet = {"at": 5_000, "behind": 20}
        for now, awaited_for, ago in (
            (5_010, 100, 30),
            (4_990, 100, 10),  # on its way
            (5_900, 100, 920),  # the word came late
            (29_500, 100, 20),  # the clock was set forward, or the computer slept
            (2_000, 100, 20),  # and back
        ):
            assert await visiting.page.evaluate(AGO, [packet, now, awaited_for]) == ago
