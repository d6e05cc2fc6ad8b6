"""The application as a whole."""

from typing import Any

from structlog.testing import capture_logs

from media_server.rooms import Rooms
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from pipeline.bus.memory import MemoryBus
from signaling.app import build_app
from signaling.door import DOOR
from signaling.rest.operations import OPERATIONS
from tests.fakes.analysis import ScriptedAnalyser
from tests.fakes.said import transcript
from tests.signaling.conftest import ROOM, Client, OpenHouse
from tests.support.until import until


async def test_every_part_has_its_place(open_house: OpenHouse) -> None:
    """The paths that pages, clients and probes rely on."""
    house = await open_house()
    paths = {resource.canonical for resource in house.http.app.router.resources()}
    assert paths == {
        "/",
        "/r/{room_id}",
        "/overlay/{room_id}",
        "/assets/{path}",
        "/ws/signaling/{room_id}",
        "/ws/captions/{room_id}",
        "/ws/audio/{room_id}",
        "/healthz",
        "/readyz",
        "/metrics",
        *(operation.path for operation in OPERATIONS),
    }


async def test_logs_hold_no_speech_names_or_tokens(open_house: OpenHouse) -> None:
    """A whole visit leaves ids and nothing else."""
    with capture_logs() as lines:
        house = await open_house()
        async with house.client("ada") as ada:
            joined = await ada.join("Ada-the-name", "en", "en")
            await house.bus.publish(transcript("what-was-said"))
            await ada.next("caption")
            ada.vanish()
            await until(lambda: "participant_away" in str(lines))
        async with house.client("ada") as ada:
            await ada.join("Ada-the-name", "en", "en")
            await ada.send("leave")
            await ada.closed()
        token = house.token(ROOM, "ada")
    logged = str(lines)
    assert "participant_back" in logged
    for private in ("Ada-the-name", "what-was-said", joined["resume_token"], token):
        assert private not in logged


async def test_the_real_rooms_work_behind_the_door(aiohttp_client: Any) -> None:
    """Two people join, see each other, change, and leave; a bad offer is told so; the room ends."""
    async with (
        MemoryBus() as bus,
        RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint,
        Rooms(bus=bus, new_peer=endpoint.new_peer, analyser_factory=ScriptedAnalyser) as rooms,
    ):
        http = await aiohttp_client(build_app(rooms, bus))
        tokens = http.app[DOOR].tokens
        async with (
            http.ws_connect(f"/ws/signaling/{ROOM}", params={"token": tokens.issue(ROOM, "ada")}) as one,
            http.ws_connect(f"/ws/signaling/{ROOM}", params={"token": tokens.issue(ROOM, "bea")}) as other,
        ):
            ada, bea = Client(one), Client(other)
            await ada.join("Ada", "en", "en")
            joined = await bea.join("Bea", "es", "es")
            assert [p["participant_id"] for p in joined["participants"]] == ["ada", "bea"]
            assert (await ada.next("participant_joined"))["participant"]["name"] == "Bea"
            await bea.send("offer", sdp="hello")
            assert await bea.error() == ("bad_offer", "offer")
            await bea.send("set_languages", listening_language="fr")
            assert (await ada.next("participant_updated"))["participant"]["listening_language"] == "fr"
            await bea.send("leave")
            assert (await ada.next("participant_left"))["reason"] == "left"
        await until(lambda: rooms.get(ROOM) is None)
        await http.close()
