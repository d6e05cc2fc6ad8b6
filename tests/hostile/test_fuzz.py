"""Whatever comes in is read, or refused with an error that was declared: nothing else escapes the door's parsers."""

import contextlib
import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_server.direct.errors import BadSoundError
from media_server.direct.pcm import PcmReader
from signaling.addresses import Addresses, parse
from signaling.audio import query as audio_query
from signaling.audio import wire
from signaling.identity.token_error import TokenError
from signaling.identity.tokens import Tokens
from signaling.names import BadNameError, clean_name, is_id
from signaling.origins import is_allowed
from signaling.protocol import ErrorCode, Failed, RefusalError, serialize
from signaling.protocol import parse as parse_message
from signaling.rest.reading import decode
from signaling.settings import SignalingSettings

# Hundreds of inputs each; `make soak` takes more.
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))

KINDS = (
    *("join", "offer", "candidate", "set_languages", "set_langs", "set_original", "mute", "ping", "leave", "answer"),
    *("admit", "deny", "remove", "lock", "lobby", "end", "constructor", ""),
)
FIELDS = (
    *("name", "speaking_language", "listening_language", "original", "captions", "resume", "sdp", "candidate", "muted"),
    *("to", "participant_id", "source_language", "target_language", "locked", "on", "type", "__class__"),
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
messages = st.builds(
    lambda kind, fields: json.dumps({"type": kind, **fields}),
    st.sampled_from(KINDS) | values,
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=6),
)
broken = st.builds(
    lambda text, place, piece: text[:place] + piece + text[place:], messages, st.integers(0, 60), st.text(max_size=4)
)
nested = st.builds(
    lambda depth, opening: f'{{"type": "offer", "sdp": {opening * depth}',
    st.integers(1, 30_000),
    st.sampled_from(("[", '{"a":', '[{"":')),
)
frames = messages | broken | nested | st.text() | st.binary(max_size=200)


def read(frame: str | bytes) -> None:
    """Read what may be a message, and see that the refusal can be told."""
    try:
        parse_message(frame)
        return
    except RefusalError as refusal:
        said = refusal.message
    assert 0 < len(said.encode()) < 4_000


@QUICK
@given(frames)
def test_messages(frame: str | bytes) -> None:
    """Read, or refused with words that can be sent."""
    with contextlib.suppress(UnicodeEncodeError):  # no WebSocket brings half a character
        frame = frame.encode().decode() if isinstance(frame, str) else frame
        read(frame)


@pytest.mark.soak
@LONG
@given(frames)
def test_many_messages(frame: str | bytes) -> None:
    """The same for longer."""
    with contextlib.suppress(UnicodeEncodeError):
        frame = frame.encode().decode() if isinstance(frame, str) else frame
        read(frame)


TOKENS = Tokens(SignalingSettings())
GOOD = TOKENS.issue("demo", "ada")
spoiled = st.builds(
    lambda place, piece, cut: GOOD[:place] + piece + GOOD[place + cut :],
    st.integers(0, len(GOOD)),
    st.text(st.characters(codec="utf-8"), max_size=6),
    st.integers(0, 6),
)
parts = st.text("eyJhbGciOiJIUzI1NiJ9.-_=", max_size=400)


@QUICK
@given(spoiled | parts | st.text(max_size=100), st.text(max_size=70))
def test_tokens(token: str, room: str) -> None:
    """None of them opens anything, and each is refused in the one way."""
    with contextlib.suppress(TokenError):
        assert TOKENS.verify(token, room).room_id == room == "demo"


@QUICK
@given(st.text())
def test_names_and_ids(text: str) -> None:
    """A name that is taken is one line of text; an id is plain ASCII."""
    with contextlib.suppress(BadNameError):
        name = clean_name(text)
        assert name == clean_name(name)
        assert len(name.splitlines()) == 1
        name.encode()
    assert not is_id(text) or text.isascii()


@QUICK
@given(st.text() | st.from_regex(r"[0-9a-f:.\[\]%]{0,40}", fullmatch=True), st.lists(st.text(max_size=50), max_size=4))
def test_addresses(text: str, forwarded: list[str]) -> None:
    """Whatever a proxy or a client wrote."""
    parse(text)
    Addresses(trusted_proxies=("10.0.0.0/8",)).client("10.0.0.1", [text, *forwarded])


@QUICK
@given(st.text(max_size=60), st.text(max_size=40))
def test_origins(origin: str, host: str) -> None:
    """What is no origin is not ours."""
    is_allowed(origin, host, ())
    is_allowed(f"https://{origin}", host, ())


@QUICK
@given(st.text())
def test_a_refusal_can_be_sent(text: str) -> None:
    """Whatever it quotes."""
    with contextlib.suppress(UnicodeEncodeError):
        text.encode()
        assert serialize(Failed(code=ErrorCode.BAD_NAME, message=text))


QUERIES = (
    *("name", "speaking_language", "listening_language", "original", "captions", "send", "receive", "format"),
    *("sample_rate", "channels", "receive_format", "receive_frame_ms", "token"),
)


@QUICK
@given(st.dictionaries(st.sampled_from(QUERIES), st.text(max_size=20) | st.sampled_from(("1", "16000", "pcm", "wav"))))
def test_what_an_audio_client_says_of_itself(query: dict[str, str]) -> None:
    """Each value is checked."""
    with contextlib.suppress(audio_query.BadQueryError):
        assert audio_query.read(query).bytes_per_second > 0


@QUICK
@given(st.binary(max_size=300), st.sampled_from((8_000, 16_000, 44_100, 48_000)), st.sampled_from((1, 2)))
def test_messages_of_sound(message: bytes, rate: int, channels: int) -> None:
    """Whole samples of a bearable length, or refused."""
    with contextlib.suppress(BadSoundError):
        PcmReader(rate, channels).read(message)


@QUICK
@given(st.binary(max_size=300))
def test_messages_of_sound_from_the_server(message: bytes) -> None:
    """A client of ours refuses what is none with one error."""
    with contextlib.suppress(ValueError):
        wire.parse(message)


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """As bodies of the REST interface are."""

    room_id: str
    lobby: bool = False
    minutes: float | None = None
    glossary: dict[str, dict[str, str]] = {}


@QUICK
@given(frames | st.builds(json.dumps, st.fixed_dictionaries({"room_id": values}, optional={"lobby": values})))
def test_bodies(frame: str | bytes) -> None:
    """Read as the type says, or refused with what `decode` declares."""
    with contextlib.suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError, UnicodeEncodeError):
        assert isinstance(decode(frame.encode() if isinstance(frame, str) else frame, Body), Body)
