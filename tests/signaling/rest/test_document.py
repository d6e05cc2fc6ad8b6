"""The OpenAPI document."""

from typing import Any

import jsonschema_rs
import pytest

from signaling.rest.document import document
from signaling.rest.operations import OPERATIONS


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document(OPERATIONS)


def test_every_operation_is_in_it(told: dict[str, Any]) -> None:
    """Under its name, which no other has."""
    names = [each["operationId"] for path in told["paths"].values() for each in path.values()]
    assert sorted(names) == sorted(each.name for each in OPERATIONS)
    assert len(set(names)) == len(names)


def test_who_may_is_said(told: dict[str, Any]) -> None:
    """As OpenAPI has it: one of these."""
    paths = told["paths"]
    assert paths["/api/v1/rooms"]["get"]["security"] == [{"apiKey": []}]
    assert paths["/api/v1/rooms/{room_id}"]["get"]["security"] == [{"apiKey": []}, {"hostToken": []}]
    assert paths["/api/v1/languages"]["get"]["security"] == []


def test_parameters_and_bodies_are_those_that_are_read(told: dict[str, Any]) -> None:
    """With their bounds."""
    listing = {each["name"]: each for each in told["paths"]["/api/v1/rooms"]["get"]["parameters"]}
    assert listing["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert not listing["limit"]["required"]
    new_room = told["components"]["schemas"]["NewRoom"]
    assert new_room["additionalProperties"] is False
    assert new_room["properties"]["room_id"]["pattern"] == "^[A-Za-z0-9_-]{1,64}$"


def test_refusals_follow_from_what_is_declared(told: dict[str, Any]) -> None:
    """And all have the one shape."""
    responses = told["paths"]["/api/v1/rooms"]["post"]["responses"]
    assert set(responses) == {"201", "400", "401", "403", "408", "409", "413", "415", "422", "429", "500", "503"}
    assert responses["409"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
    assert "Retry-After" in responses["503"]["headers"]
    assert "401" not in told["paths"]["/api/v1/languages"]["get"]["responses"]


def test_webhooks_are_told_as_well(told: dict[str, Any]) -> None:
    """Receivers can be made of it."""
    event = told["components"]["schemas"]["WebhookEvent"]
    assert "participant_left" in event["properties"]["type"]["enum"]
    assert "post" in told["webhooks"]["event"]


def test_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    """And every schema is one."""
    schemas = told["components"]["schemas"]

    def references(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(references, value))
        if isinstance(value, dict):
            own = {value["$ref"]} if "$ref" in value else set()
            return own.union(*map(references, value.values()))
        return set()

    assert {each.rpartition("/")[2] for each in references(told)} <= set(schemas)
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)
