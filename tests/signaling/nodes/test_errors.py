"""What can go wrong between nodes, in words."""

from signaling.nodes.errors import NobodyError, RedisDownError


def test_errors_say_what_and_for_how_long() -> None:
    """Without an address in them."""
    down = RedisDownError(ConnectionRefusedError("127.0.0.1:6379"))
    assert isinstance(down, OSError)
    assert str(down) == "Redis is out of reach (ConnectionRefusedError)"
    assert str(NobodyError("redis", 2)) == "this room cannot be reached now: try again in 2 s"
