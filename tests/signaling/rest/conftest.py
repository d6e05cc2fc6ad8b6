"""The REST interface of a running door, and a service that uses it."""

import functools
import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from signaling.hosting.waiting import Waiting
from signaling.identity.grant import Grant, Identity, Role
from signaling.identity.settings import TokenSettings
from signaling.rest.operation import AnyCall
from signaling.rest.operations import OPERATIONS, openapi
from tests.signaling.conftest import ROOM, House, OpenHouse

KEY = "k" * 32
API_KEYS = TokenSettings(api_keys=(f"tests:{KEY}",))


@functools.cache
def schema_of(operation: str, status: int) -> jsonschema_rs.Validator | None:
    """Give what the document says of an answer; None: it has no JSON.

    Raises:
        KeyError: there is no such answer in it.
    """
    told = openapi()
    [responses] = [
        each["responses"]
        for path in told["paths"].values()
        for each in path.values()
        if each["operationId"] == operation
    ]
    schema = responses[str(status)].get("content", {}).get("application/json", {}).get("schema")
    return schema and jsonschema_rs.validator_for({**schema, "components": told["components"]})


def require_declared(method: str, path: str, status: int, answer: object) -> None:
    """Fail if an answer is not one that the document tells; what is no operation is not in it."""
    for each in OPERATIONS:
        if each.method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", each.path), path):
            validator = schema_of(each.name, status)
            if validator is not None:
                validator.validate(answer)
            return


class Api:
    """Every answer must be one of the document. Asks as somebody: with the API key, unless it is told otherwise."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.headers: dict[str, str] = {"Authorization": f"Bearer {KEY}"}

    async def __call__(self, method: str, path: str, body: object = None, **params: Any) -> tuple[int, Any]:
        """Give the status and the body of an answer."""
        if body is not None:
            params["json"] = body
        headers = {**self.headers, **params.pop("headers", {})}
        async with self.house.http.request(method, f"/api/v1/{path}", headers=headers, **params) as response:
            answer = await response.json() if response.content_type == "application/json" else None
            require_declared(method, response.url.raw_path, response.status, answer)
            return response.status, answer

    async def code(self, method: str, path: str, body: object = None, **params: Any) -> tuple[int, str]:
        """Give the status and the code of a refusal."""
        status, answer = await self(method, path, body, **params)
        assert set(answer) == {"error"}
        assert set(answer["error"]) == {"code", "message"}
        return status, answer["error"]["code"]

    def by(self, role: Role, room_id: str = ROOM) -> dict[str, str]:
        """Give the headers of somebody with a participant's token."""
        grant = Grant(identity=Identity("hanna", room_id), role=role)
        return {"Authorization": f"Bearer {self.house.door.tokens.issue_for(grant)}"}

    def waits(self, participant_id: str) -> "Guest":
        """Let somebody wait in the lobby of the room."""
        guest = Guest()
        waiting = Waiting(
            participant_id=participant_id, name="Bea", speaking_language="es", listening_language="es", since_ms=0
        )
        self.house.door.lobby.enter(ROOM, guest, waiting)
        return guest


class Guest:
    """A socket that waits."""

    def __init__(self) -> None:
        self.let_in_as: Waiting | None = None
        self.turned_away = False

    def let_in(self, waiting: Waiting) -> None:
        self.let_in_as = waiting

    def turn_away(self, _refusal: object) -> None:
        self.turned_away = True

    def tell(self, _event: object) -> None:
        pass


OpenApi = Callable[..., Any]


@pytest.fixture
async def open_api(open_house: OpenHouse) -> OpenApi:
    """Give a function that starts a door with the settings given, and a service that may use it."""

    async def start(**settings: Any) -> Api:
        return Api(await open_house(**{"tokens": API_KEYS, **settings}))

    return start


@pytest.fixture
async def api(open_api: OpenApi) -> Api:
    """Give the REST interface of a door with the default settings, as a service sees it."""
    started: Api = await open_api()
    return started


async def nothing(_call: AnyCall) -> None:
    """Do it."""
