"""Why a token opens nothing.

TokenError
  - UnknownKeyError: signed with a key that is not among ours yet; the keys may be fetched anew
"""


class TokenError(Exception):
    """A token that opens nothing; `reason` is a short word for close frames and metrics, and one of few."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"token {self.reason}"


class UnknownKeyError(TokenError):
    """No key of that name is here. It may be new where the public keys come from: a fetch may help."""

    def __init__(self, algorithm: str) -> None:
        super().__init__("signed with an unknown key")
        self.algorithm = algorithm
