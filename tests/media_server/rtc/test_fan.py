"""Slots that get a packet together: compiled or not, every browser is sent the same bytes."""

import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from media_server.fan_out import FanOut
from media_server.packet import AudioPacket
from media_server.rtc import native, rtcp, rtp
from media_server.rtc.batch import SIZE, Batch, Destination
from media_server.rtc.fan import RtcFan
from media_server.rtc.native import Struct, ffi
from media_server.rtc.outlet import RtcOutlet
from media_server.rtc.rewriter import MAX_DRIFT

SOUND = b"\x78sound"


def seal(session: Any, packet: Any, length: Any) -> int:
    """Make it one byte longer, as a cipher would; a session of 2 is one that fails."""
    if int(ffi.cast("uintptr_t", session)) == 2:
        return 9
    ffi.cast("uint8_t *", packet)[length[0]] = ord("!")
    length[0] += 1
    return 0


_seal = ffi.callback("int(void *, void *, int *)", seal)


class Link:
    """A socket that packets of one server go out by, and the one that takes them."""

    def __init__(self) -> None:
        self.sender, self.receiver = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self.sender, self.receiver):
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.batch = Batch(self.sender, on_first=_nothing, on_failure=_nothing)
        self.destination = Destination(*self.receiver.getsockname())

    def received(self) -> list[bytes]:
        self.batch.flush()
        found = []
        while True:
            try:
                found.append(self.receiver.recv(2048))
            except BlockingIOError:
                return found

    def close(self) -> None:
        self.sender.close()
        self.receiver.close()


class Sink:
    """One browser's connection, by a link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.route: Struct | None = ffi.new("struct route *")
        self.flushes = self.failures = 0
        self.open(1)

    def open(self, session: int) -> None:
        """Come up, or go down: 0."""
        assert self.route is not None
        self.is_open = bool(session)
        self._session = ffi.cast("void *", session)
        self.route.session = self._session
        self.route.batch = self._link.batch.shared
        self.route.address = self._link.destination.packed.ljust(28, b"\0")

    def send_rtp(self, header: rtp.Header, rest: bytes) -> bool:
        if not self.is_open:
            return False
        sent = self._link.batch.add(partial(seal, self._session), self._link.destination, header, rest)
        self.failures += not sent
        return sent

    def flush(self) -> None:
        self._link.batch.flush()

    def flush_soon(self) -> None:
        self.flushes += 1

    def failed(self, packets: int) -> None:
        self.failures += packets


def _nothing() -> None:
    """Nobody is to be told."""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Some browsers' slots that one speaker's packets go to."""

    def __init__(self, compiled: Any | None, slots: int = 3) -> None:
        self.link = Link()
        self.clock = Clock()
        self.sinks = [Sink(self.link) for _ in range(slots)]
        new_fan = partial(RtcFan, compiled=compiled, clock=self.clock)
        self.outlets = [
            RtcOutlet(
                str(index),
                ssrc=70 + index,
                payload_type=111,
                mid_extension=4 if index else None,
                sink=sink,
                new_fan=new_fan,
                clock=self.clock,
            )
            for index, sink in enumerate(self.sinks)
        ]
        self.fan_out = FanOut(self.outlets)


def packet(number: int, timestamp: int | None = None, payload: bytes = SOUND) -> AudioPacket:
    at = number * 960 if timestamp is None else timestamp
    return AudioPacket(number & 0xFFFF, at & 0xFFFFFFFF, payload, None, None, 0.0)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the compiled functions with a cipher that can be looked through, apart from those of the process."""
    path = native.library()
    if not path.exists():
        pytest.skip("lanes.c is not compiled here: there is no C compiler")
    own = tmp_path_factory.mktemp("native") / path.name
    own.write_bytes(Path(path).read_bytes())
    address = int(ffi.cast("uintptr_t", _seal))
    return native.load(protect=address, max_dropout=rtp.MAX_DROPOUT, max_drift_s=MAX_DRIFT, path=own)


@pytest.fixture(autouse=True)
def same_beginnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every slot begin with the same numbers, just below where they wrap around."""
    monkeypatch.setattr("media_server.rtc.outlet.secrets.randbelow", lambda _: 0x7FF0)
    monkeypatch.setattr("media_server.rtc.outlet.secrets.randbits", lambda _: 0xFFFFF000)


@pytest.fixture
def server(compiled: Any) -> Iterator[Server]:
    server = Server(compiled)
    yield server
    server.link.close()


def packets(source: str, *steps: int) -> list[tuple[Any, ...]]:
    return [("packet", source, step, 6) for step in steps]


# What is out of the ordinary, in the middle of what is not: each is followed by some packets.
ODD = st.one_of(
    st.tuples(st.just("packet"), st.sampled_from(["ana", "ben"]), st.integers(-6, 4), st.integers(1, 8)),
    st.tuples(st.just("jump"), st.sampled_from(["ana", "ben"]), st.sampled_from([2998, 2999, 20_000, -101])),
    st.tuples(st.just("drift"), st.just("ana"), st.sampled_from([200_000, 250_000, -250_000])),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.4, 6.0])),
    st.tuples(st.just("rest"), st.integers(0, 2)),
    st.tuples(st.just("seats"), st.sets(st.integers(0, 2))),
    st.tuples(st.just("join"), st.sets(st.integers(0, 2))),
    st.tuples(st.just("session"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("report"), st.integers(0, 2)),
    st.tuples(st.just("missed"), st.integers(0, 2), st.integers(0, 20)),
)
RUNS = st.builds(
    lambda source, count: packets(source, *[1] * count), st.sampled_from(["ana", "ben"]), st.integers(0, 4)
)
STORIES = st.lists(st.builds(lambda run, odd: [*run, odd], RUNS, ODD), min_size=1, max_size=20).map(
    lambda parts: [event for part in parts for event in part]
)


class Story:
    """Tells one server what happens."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._numbers = {"ana": 65_500, "ben": 7}
        self._shift = {"ana": 0, "ben": 0}

    def tell(self, event: tuple[Any, ...]) -> list[bytes]:
        """Let it happen; give what was sent."""
        getattr(self, event[0])(*event[1:])
        return self.server.link.received()

    def packet(self, source: str, step: int, size: int) -> None:
        number = self._numbers[source] + step
        self._numbers[source] = max(number, self._numbers[source])
        self.server.clock.now += 0.02
        self.server.fan_out.forward(source, packet(number, number * 960 + self._shift[source], SOUND[:size]))

    def jump(self, source: str, step: int) -> None:
        self._numbers[source] += step
        self._shift[source] -= step * 960
        self.packet(source, 1, 6)

    def drift(self, source: str, samples: int) -> None:
        self._shift[source] += samples
        self.packet(source, 1, 6)

    def double(self) -> None:
        """Send 60 ms, as a packet of three frames says it in its second byte."""
        self._numbers["ana"] += 1
        number = self._numbers["ana"]
        self.server.fan_out.forward("ana", packet(number, payload=b"\x7b\x03sound"))

    def wait(self, seconds: float) -> None:
        self.server.clock.now += seconds

    def rest(self, index: int) -> None:
        self.server.outlets[index].rest()

    def seats(self, taken: set[int]) -> None:
        self.server.fan_out.outlets = tuple(self.server.outlets[index] for index in sorted(taken))

    def join(self, taken: set[int]) -> None:
        """Take seats in the middle of a packet, whose sound was what gave them."""
        before = self.server.fan_out.outlets
        self.packet("ana", 1, 6)
        self.seats(taken)
        number = self._numbers["ana"]
        sound = packet(number, number * 960 + self._shift["ana"], SOUND[:6])
        self.server.fan_out.forward_to_newcomers("ana", sound, before)

    def session(self, index: int, session: int) -> None:
        self.server.sinks[index].open(session)

    def report(self, index: int) -> None:
        self.server.outlets[index].heard(rtcp.Report(70 + index, 0, 0, 1, 0))

    def missed(self, index: int, behind: int) -> None:
        newest = int(self.server.outlets[index].lane.stream.sequence_number)
        self.server.outlets[index].retransmit([(newest - behind) & 0xFFFF])


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(events=STORIES)
@example(events=packets("ana", 1, 1, 2, -1, -2, -9))  # late, and before the spurt
@example(events=[*packets("ana", 1, 1), ("jump", "ana", 2998), ("jump", "ana", 2999)])  # a hole, a new numbering
@example(events=[*packets("ana", 1, 2), ("wait", 0.9), *packets("ana", 1), ("wait", 0.9), *packets("ana", -1)])
@example(events=[*packets("ana", 1), ("double",), ("rest", 0), *packets("ana", 1)])  # 60 ms
@example(events=[*packets("ana", 1, 1), ("report", 1), *packets("ana", 1, 1), *(("missed", 1, n) for n in range(6))])
@example(events=[("seats", {0}), *packets("ana", 1), ("join", {0, 1}), *packets("ana", 1), ("missed", 1, 0)])
@example(events=[*packets("ana", 1, 1, 1), *packets("ben", 1, 1, 1), *(("missed", 1, n) for n in range(8))])
def test_what_is_sent_is_the_same_compiled_or_not(compiled: Any, events: list[tuple[Any, ...]]) -> None:
    """Byte by byte, whatever happens: holes, late packets, other sources, rests, reports, lost connections, NACKs."""
    stories = [Story(Server(None)), Story(Server(compiled))]
    try:
        for event in events:
            plain, fast = (sorted(story.tell(event)) for story in stories)
            assert fast == plain, event
        in_python, in_c = (
            [(it.packets, it.octets, it.sent) for it in story.server.outlets]
            + [sum(sink.failures for sink in story.server.sinks)]
            for story in stories
        )
        assert in_c == in_python
    finally:
        for story in stories:
            story.server.link.close()


def test_the_common_case_never_comes_to_python(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first packet of a spurt, each slot's packets are numbered, laid out and encrypted in one call."""
    server.fan_out.forward("ana", packet(1))
    monkeypatch.setattr(RtcOutlet, "forward", None)
    for number in range(2, 30):
        server.clock.now += 0.02
        server.fan_out.forward("ana", packet(number))
    assert len(server.link.received()) == 3 * 29
    assert server.sinks[0].flushes == 29


def test_more_slots_than_a_batch_holds(compiled: Any) -> None:
    """What is full is sent, and it goes on from there: everybody gets each packet once."""
    server = Server(compiled, slots=2 * SIZE + 5)
    for number in (1, 2, 3):
        server.clock.now += 0.02
        server.fan_out.forward("ana", packet(number))
        received = server.link.received()
        assert sorted(data[11] for data in received) == sorted((70 + index) & 0xFF for index in range(2 * SIZE + 5))
    server.link.close()


def test_a_batch_that_nobody_sends_is_given_up(compiled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the port is closed: what does not fit is lost, and nothing hangs."""
    server = Server(compiled, slots=SIZE + 5)
    server.fan_out.forward("ana", packet(1))
    server.link.received()
    monkeypatch.setattr(Sink, "flush", lambda _: None)
    server.fan_out.forward("ana", packet(2))
    assert len(server.link.received()) == SIZE
    server.link.close()


def test_a_packet_too_long_for_a_datagram_is_left_out(server: Server) -> None:
    """As Python does it; nothing is written beyond its place, and what follows goes on."""
    server.fan_out.forward("ana", packet(1))
    server.fan_out.forward("ana", packet(2, payload=bytes(1_480)))
    server.fan_out.forward("ana", packet(3))
    assert sorted({len(data) for data in server.link.received()}) == [19, 27]
    assert [sink.failures for sink in server.sinks] == [1, 1, 1]


def test_a_connection_that_ends_is_not_sent_to(server: Server) -> None:
    """From one packet to the next, and the others are."""
    server.fan_out.forward("ana", packet(1))
    server.link.received()
    server.sinks[1].open(0)
    server.fan_out.forward("ana", packet(2))
    assert sorted(data[11] for data in server.link.received()) == [70, 72]


def test_an_outlet_that_raises_costs_nobody_else_the_packet(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python has to send, too: it is counted."""

    def fail(*_: object) -> None:
        raise RuntimeError("a sink's fault")

    monkeypatch.setattr(server.sinks[1], "send_rtp", fail)
    before = REGISTRY.get_sample_value("parley_outlet_faults_total") or 0.0
    server.fan_out.forward("ana", packet(1))
    assert sorted(data[11] for data in server.link.received()) == [70, 72]
    assert REGISTRY.get_sample_value("parley_outlet_faults_total") == before + 1
