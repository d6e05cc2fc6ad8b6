"""A browser's offer, read strictly and said again in the few words that are needed. Pure.

The stack below parses SDP with assertions and quadratic loops. It never sees what a browser sent: `read` takes out what
matters, within limits, and `Offer.sdp` says it anew. Candidates are left out on purpose: the node is reached at its
announced address and answers whoever proves to know the password, so it need not knock at addresses that a stranger
names (RFC 8826 section 4.2.1: that would make it a tool to send packets to third parties).
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from media_server.peer import IceCandidate, OfferError
from media_server.rtc import rtp
from media_server.rtc.settings import RtcSettings

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_MID = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,16}")
_FRAGMENT = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_FINGERPRINT = re.compile(r"(sha-256|sha-384|sha-512) ([0-9a-f]{2}(?::[0-9a-f]{2}){31,63})", re.IGNORECASE)
_OPUS = re.compile(r"(\d{2,3}) opus/48000/2", re.IGNORECASE)
_EXTMAP = re.compile(r"(\d{1,3})(?:/[a-z]+)? (\S+)(?: .*)?")
_CANDIDATE = re.compile(
    r"(?:candidate:)?[A-Za-z0-9+/]{1,32} \d{1,5} (?:udp|tcp) \d{1,10} [A-Za-z0-9.:%_-]{1,255} \d{1,5} typ [a-z]+( .*)?",
    re.IGNORECASE,
)
_MAX_CANDIDATE = 1000

FEEDBACK = ("nack", "rrtr")
"""RTCP feedback that is accepted: lost packets are asked for and sent anew (RFC 4585), and a browser that only receives
learns the round trip (RFC 3611)."""

# What an m-line may say; everything else is passed over.
_WANTED = {"mid", "rtcp-mux", "rtpmap", "rtcp-fb", "extmap", "ice-ufrag", "ice-pwd", "fingerprint", "setup"}
_WANTED |= {*get_args(Direction)}


class Section(NamedTuple):
    """An m-line, as the browser offers it."""

    mid: str
    direction: Direction
    payload_type: int
    mid_extension: int | None
    level_extension: int | None
    # What it offers of `FEEDBACK` for Opus.
    feedback: tuple[str, ...] = ()


class Transport(NamedTuple):
    """How the browser is reached and known."""

    fragment: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str


class Offer(NamedTuple):
    """What is needed of an offer. The first section is the microphone, those after it that receive are the slots."""

    sections: tuple[Section, ...]
    transport: Transport
    # How many candidates it carried.
    candidates: int

    @property
    def answered(self) -> tuple[Direction, ...]:
        """What this node does on each m-line: receive on the first, send on those after it that want to receive.

        A first one that only wants to receive is a slot as well: somebody who will never talk.
        """
        first, *others = (section.direction for section in self.sections)
        answers: dict[Direction, Direction] = {"sendrecv": "recvonly", "sendonly": "recvonly", "recvonly": "sendonly"}
        slots: list[Direction] = ["sendonly" if it in ("sendrecv", "recvonly") else "inactive" for it in others]
        return (answers.get(first, "inactive"), *slots)

    @property
    def sdp(self) -> str:
        """The same offer in as few words as possible, without candidates."""
        mids = " ".join(section.mid for section in self.sections)
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
        for section in self.sections:
            lines += _say(section, self.transport)
        return "\r\n".join(lines) + "\r\n"


def read(text: str, settings: RtcSettings) -> Offer:
    """Read an offer.

    Raises:
        OfferError: not SDP, not an offer of audio that can be used here, or more than `settings` allow.
    """
    _check_size(text, settings)
    session, *media = _groups(text)
    if not session or session[0] != "v=0":
        raise OfferError("not an SDP: it does not begin with v=0")
    if not media:
        raise OfferError("the offer has no m-line")
    if len(media) > settings.max_sections:
        raise OfferError(f"the offer has {len(media)} m-lines; {settings.max_sections} are allowed")
    candidates = sum(line.startswith("a=candidate:") for lines in media for line in lines)
    if candidates > settings.max_candidates:
        raise OfferError(f"the offer has {candidates} candidates; {settings.max_candidates} are allowed")
    described = [(lines[0], _attributes(lines[1:])) for lines in media]
    sections = tuple(_section(line, attributes) for line, attributes in described)
    mids = [section.mid for section in sections]
    if len(set(mids)) != len(mids):
        raise OfferError("two m-lines of the offer have the same a=mid")
    _, tagged = described[mids.index(_bundle_tag(session, mids))]
    return Offer(sections, _transport(_attributes(session), tagged), candidates)


def check_candidate(candidate: IceCandidate) -> None:
    """See that it is a candidate at all; the empty one, which some browsers end the list with, counts as one.

    Raises:
        OfferError: it is not.
    """
    text = candidate.candidate.strip()
    if len(text) > _MAX_CANDIDATE or (text and not _CANDIDATE.fullmatch(text)):
        raise OfferError("not an ICE candidate")


def _check_size(text: str, settings: RtcSettings) -> None:
    # A character has a byte at least: nothing huge is encoded only to be measured.
    size = len(text) if len(text) > settings.max_offer_bytes else len(text.encode("utf-8", "replace"))
    if size > settings.max_offer_bytes:
        raise OfferError(f"the offer has {size} bytes; {settings.max_offer_bytes} are allowed")


def _groups(text: str) -> list[list[str]]:
    """Part the session's lines and each m-line with what follows it."""
    groups: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("m="):
            groups.append([])
        groups[-1].append(line.rstrip())
    return groups


def _attributes(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line[2:].partition(":")
        if line.startswith("a=") and name in _WANTED:
            found.setdefault(name, []).append(value)
    return found


def _section(line: str, attributes: dict[str, list[str]]) -> Section:
    kind = line[2:].split(" ", 1)[0]
    if kind != "audio":
        raise OfferError(f"only audio can be offered here, not {kind[:20]!r}")
    if "rtcp-mux" not in attributes:
        raise OfferError("an m-line of the offer does not have a=rtcp-mux")
    mid = attributes.get("mid", [""])[0]
    if not _MID.fullmatch(mid):
        raise OfferError("an m-line of the offer has no usable a=mid")
    directions: list[Direction] = [name for name in get_args(Direction) if name in attributes]
    if len(directions) > 1:
        raise OfferError(f"m-line {mid} of the offer has more than one direction")
    extensions = dict(_extensions(attributes.get("extmap", [])))
    payload_type = _opus(mid, attributes.get("rtpmap", []))
    offered = attributes.get("rtcp-fb", [])
    return Section(
        mid,
        directions[0] if directions else "sendrecv",
        payload_type,
        extensions.get(rtp.MID),
        extensions.get(rtp.AUDIO_LEVEL),
        tuple(it for it in FEEDBACK if f"{payload_type} {it}" in offered or f"* {it}" in offered),
    )


def _opus(mid: str, maps: list[str]) -> int:
    for value in maps:
        match = _OPUS.fullmatch(value)
        if match and 96 <= int(match[1]) <= 127:
            return int(match[1])
    raise OfferError(f"m-line {mid} of the offer has no Opus (a=rtpmap with a payload type from 96 to 127)")


def _extensions(maps: list[str]) -> Iterator[tuple[str, int]]:
    for value in maps:
        match = _EXTMAP.fullmatch(value)
        if match and 1 <= int(match[1]) <= 14 and match[2] in (rtp.MID, rtp.AUDIO_LEVEL):
            yield match[2], int(match[1])


def _bundle_tag(session: list[str], mids: list[str]) -> str:
    """Find the m-line whose transport is everybody's."""
    bundles = [line.split()[1:] for line in session if line.startswith("a=group:BUNDLE")]
    if len(bundles) == 1 and sorted(bundles[0]) == sorted(mids):
        return bundles[0][0]
    if len(mids) > 1:
        raise OfferError("the offer does not bundle all its m-lines (a=group:BUNDLE)")
    return mids[0]


def _transport(session: dict[str, list[str]], tagged: dict[str, list[str]]) -> Transport:
    """Read the transport of the whole bundle, as its tagged m-line has it (RFC 9143 section 7.2)."""

    def one(name: str) -> str:
        return (tagged.get(name) or session.get(name) or [""])[0]

    fragment, password, setup = one("ice-ufrag"), one("ice-pwd"), one("setup")
    if not _FRAGMENT.fullmatch(fragment) or not _PASSWORD.fullmatch(password):
        raise OfferError("the offer has no usable ICE credentials (a=ice-ufrag, a=ice-pwd)")
    if setup not in ("actpass", "active", "passive"):
        raise OfferError("the offer has no usable a=setup")
    matches = [_FINGERPRINT.fullmatch(value) for value in tagged.get("fingerprint") or session.get("fingerprint") or []]
    fingerprints = tuple((match[1].lower(), match[2].upper()) for match in matches if match)
    if not fingerprints:
        raise OfferError("the offer has no usable a=fingerprint")
    return Transport(fragment, password, fingerprints[:4], setup)


def _say(section: Section, transport: Transport) -> list[str]:
    lines = [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {section.payload_type}",
        "c=IN IP4 0.0.0.0",
        f"a={section.direction}",
        f"a=mid:{section.mid}",
        "a=rtcp-mux",
        f"a=rtpmap:{section.payload_type} opus/48000/2",
    ]
    lines += [f"a=rtcp-fb:{section.payload_type} {feedback}" for feedback in section.feedback]
    for extension, uri in ((section.mid_extension, rtp.MID), (section.level_extension, rtp.AUDIO_LEVEL)):
        if extension is not None:
            lines.append(f"a=extmap:{extension} {uri}")
    lines += [f"a=ice-ufrag:{transport.fragment}", f"a=ice-pwd:{transport.password}"]
    lines += [f"a=fingerprint:{algorithm} {value}" for algorithm, value in transport.fingerprints]
    return [*lines, f"a=setup:{transport.setup}"]
