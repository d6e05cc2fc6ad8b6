"""What can go wrong with a call, as its client sees it.

ClientError
  - UnreachableError: no connection, or no answer in time
  - RejectedError: the server answered a request with another status than was hoped for
  - RefusedError: a message was not done; the call goes on
  - ClosedError: the server closed the socket, for another reason than a goodbye
      - BrokenError: 1006, there was no goodbye because the connection broke
      - TokenError: 4001, the token opens nothing here
      - TokenEndedError: 4401, the token expired or was revoked in mid-call
      - DeniedError: 4403, a host did not let me in
      - NoRoomError: 4404, there is no such room
      - RemovedError: 4405, a host put me out
      - ReplacedError: 4409, the same participant joined by another socket
      - RoomEndedError: 4410, a host has ended the room
      - RoomFullError: 4413
      - RoomLockedError: 4423, nobody new comes in
      - NotAdmittedError: 4425, I have to be let into the room first
      - TooManyError: 4429, the participant has too many sockets
      - PolicyError: 1008, too much that was refused
      - TooLargeError: 1009, a message was too large
      - TooSlowError: 1013, messages were not read fast enough
      - GoingAwayError: 1001, the server stops
      - ServerFailedError: 1011, something broke there
  - SignatureError: a webhook that was not sent by whom it says
"""

from typing import ClassVar


class ClientError(Exception):
    """Something went wrong with a call."""

    may_retry: ClassVar[bool] = False
    """Whether to try the same again may help."""


class UnreachableError(ClientError):
    """There is no connection to the server, or it did not answer in time."""

    may_retry = True

    def __init__(self, url: str, why: str) -> None:
        super().__init__(url, why)
        self.url = url
        self.why = why

    def __str__(self) -> str:
        return f"{self.url}: {self.why}"


class RejectedError(ClientError):
    """The server answered a request with another status than was hoped for."""

    def __init__(self, status: int, body: str, retry_after_s: float | None = None) -> None:
        super().__init__(status, body, retry_after_s)
        # Of HTTP.
        self.status = status
        self.body = body
        # How long the server asks to wait; None: it says nothing of it.
        self.retry_after_s = retry_after_s

    @property
    def is_busy(self) -> bool:
        """Whether it may be otherwise in a moment."""
        return self.status in (429, 502, 503, 504)

    def __str__(self) -> str:
        return f"the server answered {self.status}: {self.body}"


class RefusedError(ClientError):
    """A message was not done; the call goes on. `code` is one of PROTOCOL.md's."""

    def __init__(self, code: str, message: str, in_reply_to: str | None) -> None:
        super().__init__(code, message, in_reply_to)
        self.code = code
        self.message = message
        # The `type` of that message.
        self.in_reply_to = in_reply_to

    def __str__(self) -> str:
        return f"{self.in_reply_to or 'a message'} was refused ({self.code}): {self.message}"


class ClosedError(ClientError):
    """The server closed the socket."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        # Of the close frame; 1006 if there was none because the connection broke.
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"the server closed the socket with {self.code}" + (f": {self.reason}" if self.reason else "")


class BrokenError(ClosedError):
    """The connection broke."""

    may_retry = True


class TokenError(ClosedError):
    """The token is missing, malformed, expired, revoked, or for another room."""


class TokenEndedError(ClosedError):
    """The token expired or was revoked while the socket was open."""


class ReplacedError(ClosedError):
    """The same participant joined by another socket, or from another page."""


class DeniedError(ClosedError):
    """A host did not let me in."""


class NoRoomError(ClosedError):
    """There is no such room: on this server rooms are made first."""


class RemovedError(ClosedError):
    """A host put me out of the room, now or earlier."""


class RoomEndedError(ClosedError):
    """A host has ended the room."""


class RoomFullError(ClosedError):
    """The room is full, or its lobby is."""


class RoomLockedError(ClosedError):
    """Nobody new comes in."""


class NotAdmittedError(ClosedError):
    """Captions and sound are for those who have been let into the room."""


class TooManyError(ClosedError):
    """The participant has as many sockets as one may have."""


class PolicyError(ClosedError):
    """Too much of what was sent was refused, or it was too much."""


class TooLargeError(ClosedError):
    """A message was larger than the server takes."""


class TooSlowError(ClosedError):
    """Messages were not read fast enough."""

    may_retry = True


class GoingAwayError(ClosedError):
    """The server stops, or is about to."""

    may_retry = True


class ServerFailedError(ClosedError):
    """Something broke in the server."""

    may_retry = True


class SignatureError(ClientError):
    """A webhook that was not sent by whom it says, or too long ago."""


NORMAL = 1000
"""The code of a goodbye."""
BROKEN = 1006
"""Stands for a connection that ended without a close frame (RFC 6455 section 7.1.5)."""

REPLACED = 4409
"""The code of a place that somebody else with the same token has taken."""

_BY_CODE: dict[int, type[ClosedError]] = {
    1001: GoingAwayError,
    BROKEN: BrokenError,
    1008: PolicyError,
    1009: TooLargeError,
    1011: ServerFailedError,
    1012: GoingAwayError,
    1013: TooSlowError,
    4001: TokenError,
    4401: TokenEndedError,
    4403: DeniedError,
    4404: NoRoomError,
    4405: RemovedError,
    REPLACED: ReplacedError,
    4410: RoomEndedError,
    4413: RoomFullError,
    4423: RoomLockedError,
    4425: NotAdmittedError,
    4429: TooManyError,
}


def closed(code: int, reason: str = "") -> ClosedError:
    """Give the error of a close code; a code that is not known is not tried again."""
    return _BY_CODE.get(code, ClosedError)(code, reason)
