"""One participant, several sockets: which of them is their sound, and which of them is the participant."""

import contextlib
from collections.abc import AsyncIterator

from media_server.peer import PeerState
from signaling.sockets import close_all
from tests.signaling.audio.conftest import ROOM, Stage
from tests.signaling.conftest import Client
from tests.support.recordings import Recording


@contextlib.asynccontextmanager
async def page(stage: Stage, participant_id: str) -> AsyncIterator[Client]:
    """Open a signaling socket."""
    token = stage.door.tokens.issue(ROOM, participant_id)
    async with stage.http.ws_connect(f"/ws/signaling/{ROOM}", params={"token": token}) as socket:
        yield Client(socket)


async def test_a_second_audio_socket_takes_the_place_of_the_first(stage: Stage, recording: Recording) -> None:
    """The earlier one is closed with 4409; it is one participant all the while, heard by the newer one."""
    async with stage.audio("lea", listening_language="es") as lea, stage.audio("ann") as first:
        await first.told("joined")
        async with stage.audio("ann") as second:
            await second.told("joined")
            assert await first.closed() == 4409
            await second.say(recording.samples)
            await stage.until_heard("ann", 5)
        await lea.told("participant_left")
    assert len(lea.of("participant_joined")) == 1


async def test_an_audio_socket_is_the_sound_of_who_is_there_by_signaling(stage: Stage, recording: Recording) -> None:
    """It is told so first; what it sends is theirs; its leaving leaves them in the room."""
    async with stage.audio("lea", listening_language="es") as lea, page(stage, "ann") as ann:
        await ann.join("Ann", hears="en")
        async with stage.audio("ann") as sound:
            assert (await sound.told("attached"))["participant_id"] == "ann"
            await sound.say(recording.samples)
            await stage.until_heard("ann", 5)
            await sound.send("leave")
            assert await sound.closed() == 1000
        await ann.send("ping")
        await ann.next("pong")
    assert len(lea.of("participant_joined")) == 1
    assert not sound.of("joined")


async def test_an_audio_socket_takes_the_place_of_a_page_s_connection(stage: Stage) -> None:
    """The page is told, and its connection closed; its next offer takes the place back (4409)."""
    async with page(stage, "ann") as ann:
        await ann.join("Ann")
        await ann.send("offer", sdp="v=0")
        await ann.next("answer")
        (peer,) = stage.peers.made
        async with stage.audio("ann") as sound:
            await sound.told("attached")
            while (await ann.next("notice"))["code"] != "sound_elsewhere":
                pass
            assert peer.state is PeerState.CLOSED
            await ann.send("offer", sdp="v=0")
            await ann.next("answer")
            assert await sound.closed() == 4409


async def test_a_page_is_told_when_the_sound_that_took_its_place_is_over(stage: Stage) -> None:
    """`media_lost`: it may offer again."""
    async with page(stage, "ann") as ann:
        await ann.join("Ann")
        async with stage.audio("ann") as sound:
            await sound.told("attached")
        assert (await ann.next("notice"))["code"] == "media_lost"


async def test_a_page_takes_the_place_of_an_audio_socket_that_is_the_participant(stage: Stage) -> None:
    """The newer one wins, as between pages."""
    async with stage.audio("ann") as sound:
        await sound.told("joined")
        async with page(stage, "ann") as ann:
            joined = await ann.join("Ann")
            assert not joined["connected"]
            assert await sound.closed() == 4409
            # From now on an audio socket is only its sound.
            async with stage.audio("ann") as other:
                await other.told("attached")


async def test_when_the_server_goes_both_kinds_are_told(stage: Stage) -> None:
    """1001: come back in a moment."""
    async with page(stage, "ann") as ann, stage.audio("bob") as bob:
        await ann.join("Ann")
        async with stage.audio("ann") as sound:
            await sound.told("attached")
            await bob.told("joined")
            await close_all(stage.http.app)
            assert [await sound.closed(), await bob.closed()] == [1001, 1001]


async def test_the_sound_ends_with_the_participant(stage: Stage) -> None:
    """When the page leaves, the audio socket is closed as after a goodbye."""
    async with page(stage, "ann") as ann:
        await ann.join("Ann")
        async with stage.audio("ann") as sound:
            await sound.told("attached")
            await ann.send("leave")
            assert await sound.closed() == 1000
