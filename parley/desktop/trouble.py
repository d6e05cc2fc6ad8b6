"""What went wrong with the server, in words for whoever looks at the window, and whether to go on trying. Pure."""

from typing import NamedTuple

from parley.client.errors import (
    BrokenError,
    ClientError,
    ClosedError,
    DeniedError,
    GoingAwayError,
    NoRoomError,
    NotAdmittedError,
    RejectedError,
    RemovedError,
    ReplacedError,
    RoomEndedError,
    RoomFullError,
    RoomLockedError,
    ServerFailedError,
    TokenEndedError,
    TokenError,
    TooManyError,
    TooSlowError,
    UnreachableError,
)


class Trouble(NamedTuple):
    """Something that keeps captions away."""

    words: str
    # Whether it may be over in a while, so that it is tried again.
    again: bool


_BY_KIND: dict[type[ClientError], Trouble] = {
    BrokenError: Trouble("The connection is lost. Connecting again ...", True),
    GoingAwayError: Trouble("The server stops or begins anew. Connecting again ...", True),
    ServerFailedError: Trouble("Something broke in the server. Connecting again ...", True),
    TooSlowError: Trouble("The connection is too slow for the captions. Connecting again ...", True),
    NoRoomError: Trouble("There is no such room yet. Waiting for it; is the link right?", True),
    RoomFullError: Trouble("The room is full. Waiting for a place ...", True),
    RoomLockedError: Trouble("The room is locked. Ask a host to unlock it; trying again ...", True),
    NotAdmittedError: Trouble("The room has a lobby. Ask its host for an invitation that goes past it.", True),
    TooManyError: Trouble("This invitation is open too often. Close other windows; trying again ...", True),
    RoomEndedError: Trouble("A host has ended the room.", False),
    RemovedError: Trouble("A host has put this invitation out of the room.", False),
    DeniedError: Trouble("A host did not let this invitation in.", False),
    ReplacedError: Trouble("The same invitation is used elsewhere now. Use another one for each computer.", False),
}
_NO_TOKENS = (
    "The server gives tokens without an invitation only to its own computer. "
    "Use the link of an invitation, or set PARLEY_TOKEN, or PARLEY_API_KEY to one of the server's API keys."
)
_BAD_TOKEN = "The invitation opens nothing, or nothing any more. Ask for a new one."  # noqa: S105 - words about one


def trouble_with(error: ClientError, url: str, *, renews: bool) -> Trouble:
    """Say what an error means.

    Args:
        error: what a connection ended with.
        url: of the server.
        renews: whether each connection has a new token, so that one that has run out is no end.
    """
    known = _BY_KIND.get(type(error))
    if known is not None:
        return known
    match error:
        case UnreachableError():
            return Trouble(
                f"The server at {url} cannot be reached. Is it running there? Trying again ...",
                True,
            )
        case TokenEndedError() if renews:
            return Trouble("The time is up. Connecting again ...", True)
        case TokenError() | TokenEndedError():
            return Trouble(_BAD_TOKEN, False)
        case RejectedError():
            return _rejected(error, url)
        case ClosedError(reason=reason) if reason:
            return Trouble(f"The server does not allow it: {reason}", False)
    return Trouble(f"It cannot go on: {error}", False)


def _rejected(error: RejectedError, url: str) -> Trouble:
    if error.is_busy:
        return Trouble("The server has too much to do just now. Trying again ...", True)
    if error.status == 403:
        return Trouble(_NO_TOKENS, False)
    if error.status == 401:
        return Trouble("PARLEY_API_KEY is none of this server's API keys.", False)
    if error.status == 404:
        return Trouble(f"There is no Parley at {url}. Is the address right?", False)
    return Trouble(f"The server does not take this: {error.body or error.status}", False)
