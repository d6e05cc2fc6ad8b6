"""What somebody says of themselves, and what is filled in."""

from signaling.hosting.settings import HostingSettings
from tests.signaling.conftest import ROOM, House, OpenHouse


async def me(house: House, *said: object, headers: dict[str, str] | None = None, **join: object) -> tuple[str, ...]:
    """Join as ada with what is said, and give name and languages as the room has them."""
    params = {"token": house.token(ROOM, "ada")}
    async with house.http.ws_connect(f"/ws/signaling/{ROOM}", params=params, headers=headers) as socket:
        await socket.send_json({"type": "join", "name": "Ada", **join})
        joined = await socket.receive_json(timeout=5)
        await socket.close(code=4000)
    info = joined["participants"][0]
    return info["name"], info["speaking_language"], info["listening_language"]


async def test_languages_need_not_be_said(house: House) -> None:
    """Then it is `auto`, and what the browser asks for."""
    assert await me(house, headers={"Accept-Language": "es-MX,es;q=0.9"}) == ("Ada", "auto", "es-MX")


async def test_the_rooms_languages_come_before_the_browsers(house: House) -> None:
    """And what they say themselves before the room's."""
    house.door.states.change(ROOM, speaking_language="de", listening_language="fr")
    asks = {"Accept-Language": "es"}
    assert await me(house, headers=asks) == ("Ada", "de", "fr")
    house.door.states.change(ROOM, speaking_language="it")
    # Back within the time of grace: what they had stays, as it is who they are by now.
    assert await me(house, headers=asks, listening_language="pt") == ("Ada", "de", "pt")


async def test_the_name_in_the_token_wins(house: House) -> None:
    """And one who comes back without a name keeps theirs."""
    async with house.client("ada", name="Prof. Ada") as ada:
        await ada.send("join", name="Somebody", speaking_language="en", listening_language="en")
        assert (await ada.next("joined"))["participants"][0]["name"] == "Prof. Ada"
        ada.vanish()
    async with house.client("ada") as ada:
        await ada.send("join")
        assert (await ada.next("joined"))["participants"][0]["name"] == "Prof. Ada"


async def test_somebody_has_to_have_a_name(house: House) -> None:
    """Without one anywhere, `join` is refused, and may be said again."""
    async with house.client("ada") as ada:
        await ada.send("join", speaking_language="en", listening_language="en")
        assert await ada.error() == ("bad_name", "join")
        await ada.join()


async def test_what_waits_is_completed_in_the_same_way(open_house: OpenHouse) -> None:
    """The room's languages are those of its lobby as well."""
    house = await open_house(hosting=HostingSettings(lobby_by_default=True))
    house.door.states.change(ROOM, listening_language="fr")
    async with house.client("zoe") as zoe:
        await zoe.send("join", name="Zoë")
        told = await zoe.next("waiting")
        assert (told["speaking_language"], told["listening_language"]) == ("auto", "fr")


async def test_languages_that_a_token_does_not_allow_are_refused(house: House) -> None:
    """On the way in and later; what was, stays."""
    async with house.client("ada", languages=frozenset({"en", "es"})) as ada:
        await ada.send("join", name="Ada", speaking_language="de", listening_language="en")
        assert await ada.error() == ("language_not_allowed", "join")
        await ada.join("Ada", "en-GB", "es")
        await ada.send("set_langs", target_language="fr")
        assert (await ada.error())[0] == "language_not_allowed"
        assert house.participant("ada").info.listening_language == "es"
