"""Offers as browsers make them, cut down to what differs, and ways to spoil them."""

FINGERPRINT = ":".join(f"{n:02X}" for n in range(32))

SESSION = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE {mids}
a=extmap-allow-mixed
a=msid-semantic: WMS
"""

AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlig
a=ice-options:trickle
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=mid:{mid}
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a={direction}
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:0 PCMU/8000
a=rtpmap:126 telephone-event/8000
"""


def chromium(*directions: str) -> str:
    """Make an offer of Chromium's with one audio m-line for each direction."""
    parts = [SESSION.format(mids=" ".join(str(n) for n in range(len(directions))))]
    for mid, direction in enumerate(directions):
        parts.append(AUDIO.format(mid=mid, direction=direction, fingerprint=FINGERPRINT))
    return "".join(parts).replace("\n", "\r\n")


def with_candidates(offer: str, count: int) -> str:
    """Add candidates to the last m-line."""
    line = "a=candidate:842163049 1 udp 1677729535 203.0.113.7 {port} typ srflx raddr 0.0.0.0 rport 0\r\n"
    return offer + "".join(line.format(port=10_000 + n) for n in range(count))
