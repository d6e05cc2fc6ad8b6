"""The OpenAPI 3.1 document of the interface, made of its operations: what is not in them is not in it."""

import importlib.metadata
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from signaling.rest.operation import Access, Answer, AnyOperation
from signaling.rest.problem import JSON, ErrorBody
from signaling.webhooks.event import WebhookEvent

_REF = "#/components/schemas/{name}"
_PROBLEM = {"$ref": _REF.format(name="ErrorBody")}

_SECURITY_SCHEMES = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "One of `signaling.tokens.api_keys`"},
    "hostToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A host's token for the room",
    },
    "token": {"type": "apiKey", "in": "query", "name": "token", "description": "A participant's token for the room"},
}
_SECURITY: Mapping[Access, list[dict[str, list[str]]]] = {
    Access.PUBLIC: [],
    Access.KEY: [{"apiKey": []}],
    Access.NODE: [{"apiKey": []}],
    Access.RULER: [{"apiKey": []}, {"hostToken": []}],
    Access.MEMBER: [{"token": []}],
}

_RETRY = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 0}}}

# What any operation may answer.
_ALWAYS = {
    400: "Malformed: a parameter, a field or the body is not what this document says",
    415: "Compressed, or not said to be JSON",
    429: "Too many requests",
    500: "A fault of the server",
    503: "Not now: the server stops, or the room's server is out of reach",
}


def document(operations: Iterable[AnyOperation]) -> dict[str, Any]:
    """Give the document as JSON's types."""
    every = list(operations)
    schemas = _Schemas(every)
    paths: dict[str, dict[str, Any]] = {}
    for operation in every:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley",
            "summary": "Voice rooms in which everybody speaks their own language",
            "version": importlib.metadata.version("parley"),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "webhooks": {"event": {"post": _webhook(schemas)}},
        "components": {"schemas": schemas.components, "securitySchemes": _SECURITY_SCHEMES},
    }


class _Schemas:
    """The JSON Schemas of everything that the operations name."""

    def __init__(self, operations: Iterable[AnyOperation]) -> None:
        types: list[Any] = [ErrorBody, WebhookEvent]
        for operation in operations:
            types += [each for each in (operation.body_type, operation.answer.body) if each is not None]
        schemas, self.components = msgspec.json.schema_components(types, ref_template=_REF)
        self._of = list(zip(types, schemas, strict=True))

    def of(self, kind: Any) -> dict[str, Any]:
        return next(schema for each, schema in self._of if each is kind)


def _operation(operation: AnyOperation, schemas: _Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": " ".join(filter(None, (operation.description, f"For {operation.access.value}."))),
        "security": _SECURITY[operation.access],
        "parameters": [
            *_parameters("path", operation.path_type),
            *_parameters("query", operation.query_type),
        ],
        "responses": _responses(operation, schemas),
    }
    if operation.body_type is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas.of(operation.body_type)}}}
    return told


def _parameters(where: str, kind: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """Give the fields of a struct as parameters; its own fields only, so all of them are plain."""
    (reference,), components = msgspec.json.schema_components([kind], ref_template=_REF)
    struct = components[reference["$ref"].rpartition("/")[2]]
    required = struct.get("required", [])
    return [
        {
            "name": name,
            "in": where,
            "required": name in required,
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        for name, schema in struct["properties"].items()
    ]


def _responses(operation: AnyOperation, schemas: _Schemas) -> dict[str, Any]:
    refusals = {**_refusals(operation), **operation.refusals}
    told = {str(operation.answer.status): _answer(operation.answer, schemas)}
    for status, why in sorted(refusals.items()):
        told[str(status)] = {"description": why, "content": {JSON: {"schema": _PROBLEM}}}
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            told[str(status)]["headers"] = _RETRY
    return told


def _refusals(operation: AnyOperation) -> dict[int, str]:
    """Give what follows from how an operation is declared."""
    why = dict(_ALWAYS)
    if operation.access is not Access.PUBLIC:
        why[401] = "Without a key or a token that counts"
    if operation.access in (Access.RULER, Access.MEMBER) or operation.method != "GET":
        why[403] = "Not with this token, or not from a page of this origin"
    if operation.body_type is not None:
        why[408] = "The body did not come in time"
        why[413] = "The body is too large"
    return why


def _answer(answer: Answer, schemas: _Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {"description": answer.summary}
    content: dict[str, Any] = {media_type: {} for media_type in answer.media_types}
    if answer.body is not None:
        content[JSON] = {"schema": schemas.of(answer.body)}
    if content:
        told["content"] = content
    if answer.headers:
        told["headers"] = {
            name: {"description": text, "required": True, "schema": {"type": "string"}}
            for name, text in answer.headers.items()
        }
    return told


def _webhook(schemas: _Schemas) -> dict[str, Any]:
    """Tell what is posted to the operator's receivers (`signaling.webhooks`)."""
    return {
        "operationId": "event",
        "summary": "Something happened to a room or a participant",
        "description": (
            "Posted to every URL of `signaling.webhooks.urls`, signed as Standard Webhooks has it, at least once, in "
            "order. 2xx: taken. 410: no more, please. Anything else is tried again for a while."
        ),
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in (
                ("webhook-id", "Of the event, the same each time it is posted"),
                ("webhook-timestamp", "Epoch seconds at which it was signed"),
                ("webhook-signature", "`v1,` and HMAC-SHA256 of `id.timestamp.body` in base64; several, with spaces"),
            )
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": schemas.of(WebhookEvent)}}},
        "responses": {"2XX": {"description": "Taken"}, "410": {"description": "No more"}},
    }
