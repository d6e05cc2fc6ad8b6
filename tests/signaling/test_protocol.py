"""The messages: read, refused with words, written, and documented."""

import contextlib
import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_server import events
from media_server.events import Event
from media_server.peer import IceCandidate
from signaling import protocol
from signaling.captions.caption import Caption
from signaling.hosting.messages import Admit, Deny, EndRoom, Lock, MuteParticipant, Remove, SetLobby
from signaling.protocol import (
    Candidate,
    Close,
    ErrorCode,
    Failed,
    FromClient,
    FromOther,
    Hangup,
    Heard,
    Join,
    Leave,
    Mute,
    Offer,
    Ping,
    RefusalError,
    RelayedAnswer,
    RenewToken,
    SetLangs,
    SetLanguages,
    SetOriginal,
    SetOwnVoice,
    WatchFigures,
    modern,
    parse,
    serialize,
    type_of,
)

PROTOCOL_MD = Path(protocol.__file__).with_name("PROTOCOL.md").read_text(encoding="utf-8")

GOOD: list[tuple[dict[str, object], FromClient]] = [
    (
        {"type": "join", "name": "Ada", "speaking_language": "en", "listening_language": "es"},
        Join(name="Ada", speaking_language="en", listening_language="es", original="off", captions=True),
    ),
    ({"type": "offer", "sdp": "v=0"}, Offer(sdp="v=0")),
    (
        {
            "type": "candidate",
            "candidate": {"candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "x"},
        },
        Candidate(
            candidate=IceCandidate(candidate="candidate:1", sdp_mid="0", sdp_m_line_index=0, username_fragment="x")
        ),
    ),
    ({"type": "candidate", "candidate": None}, Candidate(candidate=None)),
    ({"type": "set_languages", "listening_language": "fr"}, SetLanguages(listening_language="fr")),
    ({"type": "set_original", "original": "low"}, SetOriginal(original="low")),
    ({"type": "set_own_voice", "consented": True}, SetOwnVoice(consented=True)),
    (
        {"type": "heard", "utterance_id": "u-1", "clause": 0, "language": "es", "ago_ms": 34},
        Heard(utterance_id="u-1", clause=0, language="es", ago_ms=34),
    ),
    ({"type": "watch_figures", "watched": True}, WatchFigures(watched=True)),
    ({"type": "mute", "muted": True}, Mute(muted=True)),
    ({"type": "token", "token": "eyJ"}, RenewToken(token="eyJ")),  # noqa: S106 - no secret
    ({"type": "ping"}, Ping()),
    ({"type": "leave"}, Leave()),
    ({"type": "offer", "sdp": "v=0", "to": "p-1"}, Offer(sdp="v=0", to="p-1")),
    ({"type": "answer", "sdp": "v=0", "to": "p-1"}, RelayedAnswer(sdp="v=0", to="p-1")),
    ({"type": "hangup", "to": "p-1"}, Hangup(to="p-1")),
    ({"type": "set_langs", "source_language": "fr"}, SetLangs(source_language="fr")),
    ({"type": "admit", "participant_id": "p-1"}, Admit(participant_id="p-1")),
    ({"type": "deny", "participant_id": "p-1"}, Deny(participant_id="p-1")),
    ({"type": "mute_participant", "participant_id": "p-1"}, MuteParticipant(participant_id="p-1")),
    ({"type": "remove", "participant_id": "p-1"}, Remove(participant_id="p-1")),
    ({"type": "lock", "locked": True}, Lock(locked=True)),
    ({"type": "set_lobby", "lobby": False}, SetLobby(lobby=False)),
    ({"type": "end_room"}, EndRoom()),
]

BAD: list[tuple[str | bytes, ErrorCode, str | None]] = [
    ("", ErrorCode.NOT_JSON, None),
    ("hello", ErrorCode.NOT_JSON, None),
    (b"\xff\x00", ErrorCode.NOT_JSON, None),
    ("[" * 5000, ErrorCode.BAD_MESSAGE, None),
    (json.dumps({"x": 1})[:-2] + "[" * 30_000, ErrorCode.NOT_JSON, None),
    ("[]", ErrorCode.BAD_MESSAGE, None),
    ("{}", ErrorCode.BAD_MESSAGE, None),
    ('{"type": 7}', ErrorCode.BAD_MESSAGE, None),
    ('{"type": "dance"}', ErrorCode.UNKNOWN_TYPE, None),
    ('{"type": "joined"}', ErrorCode.UNKNOWN_TYPE, None),
    ('{"type": "answer", "sdp": "v=0"}', ErrorCode.BAD_MESSAGE, "answer"),
    ('{"type": "admit"}', ErrorCode.BAD_MESSAGE, "admit"),
    (json.dumps({"type": "remove", "participant_id": "x" * 65}), ErrorCode.BAD_MESSAGE, "remove"),
    (
        '{"type": "join", "name": 1, "speaking_language": "en", "listening_language": "en"}',
        ErrorCode.BAD_MESSAGE,
        "join",
    ),
    ('{"type": "offer", "sdp": null}', ErrorCode.BAD_MESSAGE, "offer"),
    ('{"type": "offer", "sdp": "v=0", "to": 7}', ErrorCode.BAD_MESSAGE, "offer"),
    ('{"type": "candidate"}', ErrorCode.BAD_MESSAGE, "candidate"),
    ('{"type": "candidate", "candidate": "candidate:1"}', ErrorCode.BAD_MESSAGE, "candidate"),
    ('{"type": "set_original", "original": "loud"}', ErrorCode.BAD_MESSAGE, "set_original"),
    ('{"type": "mute", "muted": "yes"}', ErrorCode.BAD_MESSAGE, "mute"),
    (
        '{"type": "heard", "utterance_id": "u", "clause": 0, "language": "es", "ago_ms": -1}',
        ErrorCode.BAD_MESSAGE,
        "heard",
    ),
    (
        '{"type": "heard", "utterance_id": "u", "clause": -1, "language": "es", "ago_ms": 1}',
        ErrorCode.BAD_MESSAGE,
        "heard",
    ),
    ('{"type": "watch_figures"}', ErrorCode.BAD_MESSAGE, "watch_figures"),
    (json.dumps({"type": "set_languages", "speaking_language": "x" * 65}), ErrorCode.BAD_MESSAGE, "set_languages"),
    (json.dumps({"type": "leave", "y" * 5000: 1}), ErrorCode.BAD_MESSAGE, "leave"),
]


@pytest.mark.parametrize(("sent", "read"), GOOD, ids=[type_of(read) for _, read in GOOD])
def test_a_message_is_read(sent: dict[str, object], read: FromClient) -> None:
    """Each message of the page becomes its struct."""
    assert parse(json.dumps(sent)) == read


def test_every_message_of_the_page_is_in_the_table_above() -> None:
    """No message goes untested."""
    assert {type(read) for _, read in GOOD} == set(get_args(FromClient))


@pytest.mark.parametrize(("sent", "code", "in_reply_to"), BAD)
def test_what_is_no_message_is_refused_with_words(sent: str | bytes, code: ErrorCode, in_reply_to: str | None) -> None:
    """The refusal says what is wrong and with which message, shortly."""
    with pytest.raises(RefusalError) as refused:
        parse(sent)
    assert (refused.value.code, refused.value.in_reply_to) == (code, in_reply_to)
    assert 10 < len(refused.value.message) < 300


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_nothing_else_is_raised(sent: str | bytes) -> None:
    """Whatever comes in is a message or a refusal."""
    with contextlib.suppress(RefusalError):
        parse(sent)


def test_events_are_written_under_their_type() -> None:
    """What a room says goes out as it is."""
    assert json.loads(serialize(events.SlotChanged(mid="3", kind="none"))) == {
        "type": "slot",
        "mid": "3",
        "kind": "none",
        "speaker_id": None,
        "language": None,
    }
    failed = Failed(code=ErrorCode.JOIN_FIRST, message="no", in_reply_to="offer")
    assert json.loads(serialize(failed)) == {
        "type": "error",
        "code": "join_first",
        "message": "no",
        "in_reply_to": "offer",
    }


def _kinds(base: type[Event]) -> list[type[Event]]:
    """Give all messages to a client: what is derived from nothing but `base` and families of messages."""
    below = base.__subclasses__()
    return [each for kind in below for each in _kinds(kind)] if below else [base]


def _to_client(base: type[Event]) -> set[str]:
    return {str(kind.__struct_config__.tag) for kind in _kinds(base)}


def _examples(heading: str) -> list[dict[str, object]]:
    """Give the examples of one part of PROTOCOL.md."""
    part = PROTOCOL_MD.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [json.loads(block.split("```")[0]) for block in part.split("```json")[1:]]


def test_every_message_is_documented() -> None:
    """PROTOCOL.md has a heading for each message of both ways."""
    assert str(Caption.__struct_config__.tag) in _to_client(Event)
    from_client = {type_of(read) for _, read in GOOD}
    missing = [kind for kind in sorted(from_client | _to_client(Event)) if f"### `{kind}`" not in PROTOCOL_MD]
    assert not missing, f"PROTOCOL.md does not tell of: {', '.join(missing)}"


def test_every_code_is_documented() -> None:
    """PROTOCOL.md lists error codes and close codes."""
    assert [code for code in ErrorCode if f"`{code.value}`" not in PROTOCOL_MD] == []
    assert [code for code in Close if f"| {code.value} |" not in PROTOCOL_MD] == []


def test_the_examples_are_true() -> None:
    """Every example of a message from the page in PROTOCOL.md is one that is read."""
    blocks = PROTOCOL_MD.split("## From the page")[1].split("## From the server")[0].split("```json")[1:]
    examples = [block.split("```")[0] for block in blocks]
    assert {type_of(parse(example)) for example in examples} == {type_of(read) for _, read in GOOD}


def test_the_examples_of_the_server_have_the_fields_of_the_code() -> None:
    """Every example of a message from the server names only fields that there are, and all that must be."""
    own = [kind for kind in _kinds(Event) if not issubclass(kind, FromOther)]
    structs = {str(kind.__struct_config__.tag): kind for kind in own}
    for example in _examples("From the server"):
        struct = structs[str(example["type"])]
        known = {field.encode_name for field in msgspec.structs.fields(struct)}
        assert set(example) - {"type"} <= known, example["type"]
        msgspec.convert(example, struct)


def test_the_examples_of_what_is_passed_on_are_true() -> None:
    """Each kind of message from another page has an example, with whom it is from."""
    structs = {str(kind.__struct_config__.tag): kind for kind in _kinds(FromOther)}
    examples = _examples("Between two pages")
    assert {example["type"] for example in examples} == set(structs)
    for example in examples:
        assert json.loads(serialize(msgspec.convert(example, structs[str(example["type"])]))) == example


def test_an_older_name_stands_for_the_newer() -> None:
    """`set_langs` is `set_languages`: the source is spoken, the target listened to; nothing else is touched."""
    assert modern(SetLangs(source_language="en", target_language="fr")) == SetLanguages(
        speaking_language="en", listening_language="fr"
    )
    assert modern(Ping()) == Ping()
