"""Participants by audio socket: what they say, what they hear, and what they are told."""

import asyncio
from functools import partial

import numpy as np
import pytest
from prometheus_client import REGISTRY

import signaling.audio.session
from media_server.analysis.analyser import Analysis
from media_server.analysis.segments import Ended, Sound
from media_server.direct.connection import DirectConnection
from signaling.audio.settings import AudioSettings
from tests.signaling.audio.conftest import ROOM, OpenStage, Stage, correlation
from tests.support.opus import decode, encode
from tests.support.recordings import Recording, Samples, silence


def utterances_alone(analysis: Analysis, samples: Samples) -> list[bytes]:
    """Give the utterances that the analysis makes of sound by itself, 20 ms after 20 ms."""
    analyser, pcm, sounds, open_one = analysis(), samples.tobytes(), [], b""
    for start in range(0, len(pcm), 640):
        for segment in analyser.push_sound(pcm[start : start + 640], 100 + start / 32_000):
            if isinstance(segment, Sound):
                open_one += segment.pcm
            elif isinstance(segment, Ended):
                sounds.append(open_one)
                open_one = b""
    return sounds


def has_ended(stage: Stage, participant_id: str, count: int) -> bool:
    return len(stage.utterances(participant_id)) >= count


def has_said(stage: Stage, participant_id: str, count: int) -> bool:
    return len({chunk.utterance_id for chunk in stage.of(participant_id)}) >= count


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_is_said_makes_the_same_utterances_whatever_the_messages(
    stage: Stage, recording: Recording, analysis: Analysis
) -> None:
    """10, 100 and 1,000 ms at a time: recognition gets the very same sound, cut in the same places."""
    said = np.concatenate([recording.samples, silence(1.0)])
    alone = utterances_alone(analysis, said)
    assert alone
    async with stage.audio("lea", listening_language="es"):
        for frame_ms in (10, 100, 1_000):
            ann, count = f"ann-{frame_ms}", len(alone)
            async with stage.audio(ann) as client:
                await client.say(said, frame_ms)
                await client.until(partial(has_ended, stage, ann, count))
            assert stage.utterances(ann) == alone


async def test_a_second_at_a_time_in_real_time_is_no_pause(open_stage: OpenStage, recording: Recording) -> None:
    """Between two messages of 1 s nothing comes for 1 s, in the middle of a word: no utterance ends there."""
    stage = await open_stage(audio=AudioSettings())
    said = recording.samples[: 16_000 * 3]
    async with stage.audio("lea", listening_language="es"), stage.audio("ann") as ann:
        await ann.say(said, 1_000, paced=True)
        await stage.until_heard("ann", 20)
        assert len({chunk.utterance_id for chunk in stage.of("ann")}) == 1
        assert not any(chunk.last for chunk in stage.of("ann"))
        # What does not come is silence: the utterance ends by itself.
        await ann.until(lambda: stage.utterances("ann"))


async def test_chunks_are_numbered_upwards_across_sockets(stage: Stage, recording: Recording) -> None:
    """Who comes back by another socket goes on above what they had."""
    async with stage.audio("lea", listening_language="es"):
        for utterances in (1, 2):
            async with stage.audio("ann") as ann:
                await ann.say(recording.samples[:24_000])
                await ann.until(partial(has_said, stage, "ann", utterances))
    numbers = [chunk.sequence_number for chunk in stage.of("ann")]
    assert numbers == sorted(set(numbers))


async def test_a_listener_gets_the_voice_as_sound(stage: Stage, recordings: tuple[Recording, ...]) -> None:
    """The PCM is what the synthesizer's packets decode to; the header says whose, in order, to the end."""
    packets = encode(recordings[1].samples[16_000:32_000])
    before = value("parley_audio_socket_latency_seconds_count")
    async with stage.audio("lea", listening_language="es") as lea, stage.audio("ann") as ann:
        await ann.say(np.concatenate([recordings[0].samples, silence(1.0)]))
        await ann.until(lambda: stage.utterances("ann"))
        chunk = stage.of("ann")[0]
        await stage.speak(chunk, packets)
        await lea.until(lambda: lea.sounds and lea.sounds[-1][0].last)
        await lea.told("suppress_original")
        await lea.told("restore_original")
    headers = [header for header, _ in lea.sounds]
    assert {(each.speaker_id, each.kind, each.language) for each in headers} == {("ann", "voice", "es")}
    assert {each.utterance_id for each in headers} == {chunk.utterance_id}
    assert [each.sequence for each in headers] == list(range(1, len(headers) + 1))
    assert [each.last for each in headers] == [False] * (len(headers) - 1) + [True]
    expected = decode(packets)[::3]
    heard = lea.heard("voice", "ann")
    assert abs(len(heard) - len(expected)) <= 320
    assert correlation(heard, expected) > 0.95
    assert value("parley_audio_socket_latency_seconds_count") - before >= len(headers) - 1
    assert not any(text["type"] == "slot" for text in lea.texts)


async def test_opus_packets_are_passed_on_untouched(stage: Stage, recording: Recording) -> None:
    """A client that can decode gets what the synthesizer made."""
    packets = encode(recording.samples[:16_000])
    async with stage.audio("lea", listening_language="es", receive_format="opus") as lea, stage.audio("ann") as ann:
        await ann.say(np.concatenate([recording.samples, silence(1.0)]))
        await ann.until(lambda: stage.utterances("ann"))
        await stage.speak(stage.of("ann")[0], packets)
        await lea.until(lambda: lea.sounds and lea.sounds[-1][0].last)
    assert [sound for _, sound in lea.sounds if sound] == packets


async def test_two_with_one_language_hear_each_other(stage: Stage, recording: Recording) -> None:
    """The original comes as a floor, in its speaker's language, spoken in real time; nobody hears themselves."""
    async with stage.audio("ann") as ann, stage.audio("bob") as bob:
        await ann.say(recording.samples[:32_000], 100)
        await bob.say(recording.samples[32_000:64_000], 20)
        await bob.until(lambda: len(bob.heard("floor", "ann")) >= 24_000)
        await ann.until(lambda: len(ann.heard("floor", "bob")) >= 24_000)
        await ann.told("speaking")
    assert correlation(bob.heard("floor", "ann"), recording.samples[:32_000]) > 0.85
    assert correlation(ann.heard("floor", "bob"), recording.samples[32_000:64_000]) > 0.85
    assert {(header.speaker_id, header.language) for header, _ in bob.sounds} == {("ann", "en")}
    assert {header.speaker_id for header, _ in ann.sounds} == {"bob"}


async def test_who_only_sends_is_no_reason_to_translate(stage: Stage, recording: Recording) -> None:
    """With `receive=0` nothing is translated into their language, and with `send=0` sound is refused."""
    async with (
        stage.audio("bot", listening_language="es", receive="0"),
        stage.audio("lea", listening_language="fr", send="0") as lea,
        stage.audio("ann") as ann,
    ):
        await ann.say(recording.samples)
        chunk = await stage.until_heard("ann", 5)
        await lea.say(silence(0.1))
        error = await lea.told("error")
    assert [target.language for target in chunk.targets] == ["fr"]
    assert error["code"] == "not_allowed"


async def test_if_the_result_side_fails_the_sending_side_goes_on(
    stage: Stage, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who cannot be sent anything is heard all the same."""

    class Deaf(DirectConnection):
        def __init__(self, *, receives: bool = True, **others: object) -> None:
            if receives:
                raise MemoryError
            super().__init__(receives=receives, **others)  # type: ignore[arg-type]

    async with stage.audio("lea", listening_language="es"):
        monkeypatch.setattr(signaling.audio.session, "DirectConnection", Deaf)
        async with stage.audio("ann") as ann:
            await ann.say(recording.samples)
            await stage.until_heard("ann", 5)


async def test_control_is_the_same_as_by_signaling(stage: Stage) -> None:
    """Languages, mute, ping and leave work on this socket too; what is WebRTC's is refused."""
    async with stage.audio("lea") as lea, stage.audio("ann") as ann:
        await ann.told("joined")
        await ann.send("set_langs", source_language="es", target_language="fr")
        await ann.send("mute", muted=True)
        await ann.send("ping")
        await ann.told("pong")
        await lea.until(
            lambda: lea.of("participant_updated") and lea.of("participant_updated")[-1]["participant"]["muted"]
        )
        info = lea.of("participant_updated")[-1]["participant"]
        assert (info["speaking_language"], info["listening_language"]) == ("es", "fr")
        await ann.send("offer", sdp="v=0")
        assert (await ann.told("error"))["code"] == "not_here"
        await ann.send("leave")
        assert await ann.closed() == 1000
        assert (await lea.told("participant_left"))["reason"] == "left"


async def test_who_lost_their_way_comes_back_as_the_same_participant(stage: Stage) -> None:
    """The others see them as away meanwhile, and nobody leaves or joins."""
    async with stage.audio("lea") as lea:
        async with stage.audio("ann") as ann:
            joined = await ann.told("joined")
            transport = ann.socket._writer.transport
            assert transport is not None
            transport.abort()
        await lea.until(lambda: any(each["participant"]["away"] for each in lea.of("participant_updated")))
        query = {"token": joined["resume_token"]}
        async with stage.http.ws_connect(f"/ws/audio/{ROOM}", params=query) as socket:
            again = await socket.receive_json(timeout=5)
            assert (again["type"], again["participant_id"]) == ("joined", "ann")
            await lea.until(lambda: not lea.of("participant_updated")[-1]["participant"]["away"])
    assert not [text for text in lea.texts if text["type"] == "participant_left" and text["participant_id"] == "ann"]
    assert len(lea.of("participant_joined")) == 1


async def test_a_file_that_is_pushed_is_heard_in_its_own_time(open_stage: OpenStage, recording: Recording) -> None:
    """What is more than `ahead_s` ahead of real time waits, here and then in TCP; all of it arrives, and in order."""
    stage = await open_stage(audio=AudioSettings(ahead_s=0.5, buffer_s=0.5))
    said = np.concatenate([recording.samples[:24_000], silence(1.0)])
    async with stage.audio("lea", listening_language="es"), stage.audio("ann") as ann:
        await ann.say(said)
        await asyncio.sleep(0.3)
        early = sum(len(chunk.payload) for chunk in stage.of("ann")) / 32_000
        await ann.until(lambda: stage.utterances("ann"))
    assert early <= 0.95
    assert len(stage.utterances("ann")[0]) / 32_000 > 1.0
