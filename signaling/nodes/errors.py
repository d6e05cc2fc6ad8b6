"""What can go wrong between nodes.

- RedisDownError (an OSError): Redis is out of reach, or refuses; try again later
- NodesError: this node cannot start with the Redis it was given
- NobodyError: no node can take a room now; come again later
"""


class RedisDownError(OSError):
    """Redis did not answer in time, or not well. What was asked may have been done or not."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause

    def __str__(self) -> str:
        return f"Redis is out of reach ({type(self.cause).__name__})"


class NodesError(RuntimeError):
    """This node cannot work together with others; the message says why, and what to do."""


class NobodyError(Exception):
    """No node can take a room in this moment."""

    def __init__(self, why: str, retry_after_s: int) -> None:
        super().__init__(why, retry_after_s)
        # One word: `redis`, `busy` or `nobody`.
        self.why = why
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"this room cannot be reached now: try again in {self.retry_after_s} s"
