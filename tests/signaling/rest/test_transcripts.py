"""Transcripts over REST."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.fakes.said import transcript
from tests.signaling.conftest import ROOM
from tests.signaling.rest.conftest import Api


@contextlib.asynccontextmanager
async def spoken_in(api: Api) -> AsyncIterator[None]:
    """Have something said in a room that keeps it."""
    await api("POST", "rooms", {"room_id": ROOM, "keep_transcript": True})
    async with api.house.client("ada") as ada:
        await ada.join("Ada", "en", "en")
        await api.house.bus.publish(transcript("what was said"))
        await ada.next("caption")
        yield


async def test_a_transcript_is_listed_read_and_deleted(api: Api) -> None:
    """As long as it is kept."""
    assert await api("GET", "transcripts") == (200, {"rooms": [], "next": None})
    async with spoken_in(api):
        assert await api("GET", "transcripts") == (200, {"rooms": [ROOM], "next": None})
        assert await api("GET", f"transcripts/{ROOM}") == (200, {"room_id": ROOM, "languages": ["en"]})
        assert (await api("DELETE", f"transcripts/{ROOM}"))[0] == 204
        assert await api.code("GET", f"transcripts/{ROOM}") == (404, "no_transcript")
        assert await api.code("DELETE", f"transcripts/{ROOM}") == (404, "no_transcript")


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("srt", "application/x-subrip"), ("vtt", "text/vtt"), ("json", "application/json"), ("txt", "text/plain")],
)
async def test_a_transcript_is_given_in_every_form(api: Api, form: str, media_type: str) -> None:
    """With a name under which it can be saved."""
    async with spoken_in(api):
        path = f"/api/v1/transcripts/{ROOM}/{form}"
        async with api.house.http.get(path, params={"language": "EN"}, headers=api.headers) as response:
            assert response.content_type == media_type
            assert response.headers["Content-Disposition"] == f'attachment; filename="{ROOM}.en.{form}"'
            assert "what was said" in await response.text()


async def test_what_there_is_not_is_said(api: Api) -> None:
    """A language in which there is nothing, one that is none, a form that is none."""
    async with spoken_in(api):
        path = f"transcripts/{ROOM}/txt"
        assert await api.code("GET", path, params={"language": "fr"}) == (404, "no_transcript")
        assert await api.code("GET", path, params={"language": "xx-nowhere"}) == (422, "unknown_language")
        assert await api.code("GET", f"transcripts/{ROOM}/pdf") == (400, "bad_request")


async def test_a_host_reads_the_transcript_of_their_room(api: Api) -> None:
    """Others do not."""
    async with spoken_in(api):
        assert (await api("GET", f"transcripts/{ROOM}", headers=api.by("host")))[0] == 200
        assert (await api("GET", f"transcripts/{ROOM}", headers=api.by("speaker")))[0] == 403
        assert (await api("GET", f"transcripts/{ROOM}", headers=api.by("host", "another")))[0] == 403
