"""What one may speak and listen to now."""

from signaling.languages import Languages, offered
from signaling.rest.operation import Access, Answer, Call, Operation
from signaling.rest.values import Nothing


async def list_languages(call: Call[Nothing, Nothing, None]) -> Languages:
    return offered(call.door.rooms.paths)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/languages",
        name="list_languages",
        tag="languages",
        summary="List the languages that can be spoken and listened to now",
        does=list_languages,
        access=Access.PUBLIC,
        answer=Answer(200, "Both menus", Languages),
    ),
)
