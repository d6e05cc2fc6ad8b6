"""Who is shown."""

from media_server.events import ParticipantInfo
from media_server.rights import Rights
from signaling.hosting.people import visible


class Member:
    """Somebody in a room."""

    def __init__(self, name: str, rights: Rights) -> None:
        self.info = ParticipantInfo(
            participant_id=name, name=name, speaking_language="en", listening_language="en", role=rights.role
        )
        self.rights = rights


def test_the_hidden_are_shown_to_nobody_but_themselves() -> None:
    """In the order in which they came."""
    members = [Member("ada", Rights()), Member("spy", Rights(hidden=True)), Member("bea", Rights())]
    assert [info.participant_id for info in visible(members)] == ["ada", "bea"]
    assert [info.participant_id for info in visible(members, to="ada")] == ["ada", "bea"]
    assert [info.participant_id for info in visible(members, to="spy")] == ["ada", "spy", "bea"]
