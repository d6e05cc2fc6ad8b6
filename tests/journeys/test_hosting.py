"""A host's room: who waits, who only listens, who is muted and removed, with real connections and sound."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from media_server.rtc.settings import RtcSettings
from parley.settings import Settings
from parley.system import System
from signaling.identity.grant import Grant, Identity, Role
from signaling.identity.tokens import Tokens
from signaling.settings import SignalingSettings
from tests.fakes.engines import Scripted, ScriptedTranscriber, words
from tests.journeys.company import SETTLE_S
from tests.journeys.overheard import overhearing
from tests.support.caller import Caller, as_sent, dial
from tests.support.recordings import Recording
from tests.support.until import until

pytestmark = pytest.mark.journey

ROOM = "court"
SIGNALING = SignalingSettings(host="127.0.0.1", port=0, token_secret="court" * 8)


def token(name: str, role: Role = "speaker") -> str:
    """Give what an operator's own service would."""
    grant = Grant(identity=Identity(name, ROOM), role=role, publish=role != "listener")
    return Tokens(SIGNALING).issue_for(grant)


async def test_a_host_decides_who_is_heard(recordings: tuple[Recording, ...]) -> None:
    """Lea waits, is let in with her languages, hears Ann in Spanish, and is not heard, whatever she sends.

    Ann is muted in the middle of a word and heard again when she switches her microphone on; removed, she is gone.
    """
    engines = Scripted(ScriptedTranscriber(words("one two three four five six")))
    sounds = await asyncio.to_thread(as_sent, recordings[1].samples)
    settings = Settings(signaling=SIGNALING, rtc=RtcSettings(host="127.0.0.1", port=0))
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(System(settings, engines=engines))
        overheard = await stack.enter_async_context(overhearing(system))

        async def dialled(name: str, role: Role = "speaker") -> Caller:
            return await stack.enter_async_context(dial(system.url, ROOM, token(name, role)))

        boss, ann, lea = await dialled("boss", "host"), await dialled("ann"), await dialled("lea", "listener")
        await boss.join(name="Boss", speaks="en", hears="en")
        await ann.join(name="Ann", speaks="en", hears="en")
        await boss.send(type="set_lobby", lobby=True)
        await boss.wait_for("room", lambda told: told["room"]["lobby"])
        await lea.send(type="join", name="Lea", speaking_language="en", listening_language="es")
        await lea.wait_for("waiting")
        await boss.wait_for("lobby", lambda told: [each["name"] for each in told["waiting"]] == ["Lea"])
        await boss.send(type="admit", participant_id="lea")
        me = (await lea.wait_for("joined"))["participants"][-1]
        assert (me["name"], me["role"], me["listening_language"]) == ("Lea", "listener", "es")
        await asyncio.gather(boss.connect(), ann.connect(), lea.connect())
        await asyncio.sleep(SETTLE_S)

        begins = ann.microphone.play(sounds * 3)
        lea.microphone.play(sounds)
        await lea.wait_for("suppress_original", lambda told: told["speaker_id"] == "ann")
        await until(lambda: bool(lea.on("voice")))
        await asyncio.sleep(max(0.0, begins + 1.5 - time.monotonic()))
        assert boss.on("floor")

        await boss.send(type="mute_participant", participant_id="ann")
        await ann.wait_for("notice", lambda told: told["code"] == "muted_by_host")
        muted = len(boss.on("floor"))
        await asyncio.sleep(0.5)
        # What was on its way when she was muted, at most.
        assert len(boss.on("floor")) <= muted + 3
        silent = len(boss.on("floor"))
        await ann.send(type="mute", muted=False)
        await until(lambda: len(boss.on("floor")) > silent + 5)

        await boss.send(type="remove", participant_id="ann")
        await until(lambda: ann.closed_with() is not None)
        assert ann.closed_with() == 4405
        left = await lea.wait_for("participant_left")
        assert (left["participant_id"], left["reason"]) == ("ann", "removed")
        assert [said["speaker_ids"] for said in lea.events("speaking") if "lea" in said["speaker_ids"]] == []
        assert overheard.utterances("ann")
        assert overheard.utterances("lea") == []
