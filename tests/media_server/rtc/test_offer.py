"""A browser's offer, read strictly."""

import contextlib
import time

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from media_server.peer import IceCandidate, OfferError
from media_server.rtc import offer
from media_server.rtc.settings import RtcSettings
from tests.media_server.rtc.offers import FINGERPRINT, chromium, with_candidates

SETTINGS = RtcSettings()
GOOD = chromium("sendonly", "recvonly", "recvonly")


def read(text: str) -> offer.Offer:
    return offer.read(text, SETTINGS)


def test_an_offer_is_read() -> None:
    """Its m-lines in order with what matters of them, and its transport."""
    found = read(with_candidates(GOOD, 2))
    assert found.sections[0] == offer.Section("0", "sendonly", 111, 4, 1)
    assert [section.mid for section in found.sections] == ["0", "1", "2"]
    assert found.transport == offer.Transport(
        "4ZcD", "2/1muCWoOi3uLifh0NuRHlig", (("sha-256", FINGERPRINT),), "actpass"
    )
    assert found.candidates == 2


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("sendonly", "recvonly"), ("sendrecv", "recvonly"), ("inactive", "inactive"), ("recvonly", "sendonly")],
)
def test_the_first_m_line_is_the_microphone(offered: str, answered: str) -> None:
    """It is received whenever the browser may send; of one who never will it is a slot."""
    assert read(chromium(offered, "recvonly")).answered[0] == answered


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("recvonly", "sendonly"), ("sendrecv", "sendonly"), ("sendonly", "inactive"), ("inactive", "inactive")],
)
def test_the_others_are_slots_where_they_receive(offered: str, answered: str) -> None:
    """They are sent on whenever the browser wants to receive, and never received."""
    assert read(chromium("sendonly", offered)).answered[1] == answered


def test_no_direction_means_both() -> None:
    """RFC 8866 section 6.7: sendrecv is the default."""
    assert read(GOOD.replace("a=sendonly\r\n", "")).sections[0].direction == "sendrecv"


def test_what_is_said_again_reads_the_same() -> None:
    """The cleaned offer is an offer, equal but for its candidates."""
    found = read(with_candidates(GOOD, 2))
    assert read(found.sdp) == found._replace(candidates=0)
    assert len(SessionDescription.parse(found.sdp).media) == 3


def test_feedback_for_opus_is_read() -> None:
    """Loss and round trip, for its payload type or for all; neither other feedback nor that of other codecs."""
    offered = "a=rtcp-fb:111 nack\r\na=rtcp-fb:111 nack pli\r\na=rtcp-fb:63 rrtr\r\n"
    found = read(GOOD.replace("a=rtcp-fb:111 transport-cc\r\n", offered, 1))
    assert [section.feedback for section in found.sections] == [("nack",), (), ()]
    found = read(GOOD + "a=rtcp-fb:* rrtr\r\na=rtcp-fb:111 nack\r\n")
    assert [section.feedback for section in found.sections] == [(), (), ("nack", "rrtr")]
    assert read(found.sdp) == found


def test_the_bundle_has_the_transport_of_its_first_m_line() -> None:
    """With max-bundle, browsers leave it out of the others."""
    head, microphone, slot = GOOD.replace("m=audio", "\0m=audio").split("\0")[:3]
    bare = "\r\n".join(line for line in slot.split("\r\n") if not line.startswith(("a=ice", "a=finger", "a=setup")))
    found = read(head.replace("0 1 2", "0 1") + microphone + bare)
    assert found.transport.fragment == "4ZcD"


def test_the_transport_may_stand_before_the_m_lines() -> None:
    """Firefox puts the fingerprint there."""
    line = f"a=fingerprint:sha-256 {FINGERPRINT}\r\n"
    moved = GOOD.replace(line, "").replace("t=0 0\r\n", f"t=0 0\r\n{line}")
    assert read(moved).transport.fingerprints == (("sha-256", FINGERPRINT),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not an SDP"),
        ("hello", "not an SDP"),
        ("v=0\r\n", "no m-line"),
        (GOOD.replace("m=audio", "m=video"), "only audio"),
        (GOOD.replace("m=audio", "m=application", 1), "only audio"),
        (GOOD.replace("opus", "speex"), "no Opus"),
        (GOOD.replace("a=rtpmap:111", "a=rtpmap:35"), "no Opus"),
        (GOOD.replace("a=rtcp-mux\r\n", ""), "rtcp-mux"),
        (GOOD.replace("a=mid:1", "a=mid:0"), "same a=mid"),
        (GOOD.replace("a=mid:1\r\n", ""), "no usable a=mid"),
        (GOOD.replace("a=mid:1", "a=mid:" + "x" * 17), "no usable a=mid"),
        (GOOD.replace("a=recvonly", "a=recvonly\r\na=sendonly"), "more than one direction"),
        (GOOD.replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1"), "bundle"),
        (GOOD.replace("a=group:BUNDLE 0 1 2\r\n", ""), "bundle"),
        (GOOD.replace("a=ice-pwd:2", "a=ice-pwd:\u00e9"), "ICE credentials"),
        (GOOD.replace("a=ice-ufrag:4ZcD", "a=ice-ufrag:4"), "ICE credentials"),
        (GOOD.replace("a=fingerprint:sha-256", "a=fingerprint:md5"), "fingerprint"),
        (GOOD.replace("a=setup:actpass", "a=setup:holdconn"), "setup"),
        (chromium(*["recvonly"] * 17), "17 m-lines; 16 are allowed"),
        (with_candidates(GOOD, 65), "65 candidates; 64 are allowed"),
        (GOOD + "a=x:" + "y" * 65_536, "bytes; 65536 are allowed"),
    ],
)
def test_what_cannot_be_used_is_refused_with_words(text: str, words: str) -> None:
    """Each reason is said."""
    with pytest.raises(OfferError, match=words):
        read(text)


@pytest.mark.parametrize("bomb", [chromium(*["recvonly"] * 500), with_candidates(GOOD, 5000)])
def test_a_huge_offer_is_refused_at_once(bomb: str) -> None:
    """500 m-lines or 5,000 candidates must not hold the other rooms' sound (2.5 s where the stack parses them)."""
    began = time.thread_time()
    with pytest.raises(OfferError):
        read(bomb)
    assert time.thread_time() - began < 0.05


@given(st.data())
def test_a_spoiled_offer_is_refused_or_said_cleanly(data: st.DataObject) -> None:
    """Lines lost, doubled, moved, cut or bent: an OfferError, or an offer that the stack's parser takes."""
    lines = GOOD.split("\r\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        kind = data.draw(st.sampled_from(["lose", "double", "move", "cut", "bend"]))
        if kind == "lose":
            lines.pop(at)
        elif kind == "double":
            lines.insert(at, line)
        elif kind == "move":
            lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif kind == "cut":
            lines[at] = line[: data.draw(st.integers(0, len(line)))]
        else:
            place = data.draw(st.integers(0, len(line)))
            lines[at] = line[:place] + data.draw(st.text(max_size=3)) + line[place:]
    try:
        found = read("\r\n".join(lines))
    except OfferError:
        return
    parsed = SessionDescription.parse(found.sdp)
    assert [media.rtp.muxId for media in parsed.media] == [section.mid for section in found.sections]
    assert all(media.ice and media.ice.usernameFragment for media in parsed.media)
    assert all(media.dtls and media.dtls.fingerprints for media in parsed.media)


@given(st.text(max_size=300))
def test_any_text_is_refused_or_read(text: str) -> None:
    """Nothing but an OfferError comes out."""
    for candidate in (text, "v=0\r\nm=audio " + text, GOOD + text):
        with contextlib.suppress(OfferError):
            read(candidate)


@pytest.mark.parametrize(
    "line",
    [
        "candidate:842163049 1 udp 1677729535 203.0.113.7 51000 typ srflx raddr 0.0.0.0 rport 0 generation 0",
        "candidate:1 1 UDP 2122252543 4f1a2b3c-0d4e-4b5f-9a6b-7c8d9e0f1a2b.local 51000 typ host",
        "candidate:2 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active",
        "",
    ],
)
def test_candidates_of_browsers_are_candidates(line: str) -> None:
    """UDP and TCP, hidden names, IPv6, and the empty one that ends the list."""
    offer.check_candidate(IceCandidate(line))


@pytest.mark.parametrize(
    "line", ["candidate", "candidate:1 1 udp x 203.0.113.7 9 typ host", "a b c d e f g h", "x" * 2000]
)
def test_other_lines_are_not(line: str) -> None:
    """A line that the stack's parser would fail on is refused."""
    with pytest.raises(OfferError):
        offer.check_candidate(IceCandidate(line))
