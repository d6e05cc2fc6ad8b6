"""The ring in front of the bus: what is dropped, and what survives."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media_server.sound_ring import SoundRing
from pipeline.messages.audio_chunk import AudioChunk


def chunk(
    utterance: int, start_ms: int, ms: int = 100, *, last: bool = False, maybe_last: int = 0, confirms: int = 0
) -> AudioChunk:
    return AudioChunk(
        room_id="r",
        user_id="u",
        sequence_number=0,
        utterance_id=str(utterance),
        payload=bytes(ms * 32),
        start_ms=start_ms,
        utterance_started_at_ms=0,
        language="en",
        last=last,
        maybe_last=maybe_last,
        confirms=confirms,
    )


def told(ring: SoundRing) -> list[tuple[str, int, int, int, bool]]:
    """Take everything out: utterance, start, ms of sound, possible end, end."""
    out = []
    while ring:
        each = ring.pop()
        out.append((each.utterance_id, each.start_ms, len(each.payload) // 32, each.maybe_last, each.last))
    return out


def test_chunks_come_out_in_order() -> None:
    """First in, first out, while there is room."""
    ring = SoundRing(1000)
    assert [ring.append(chunk(1, n * 100)) for n in range(10)] == [0] * 10
    assert [start for _, start, *_ in told(ring)] == list(range(0, 1000, 100))


def test_the_oldest_sound_is_dropped() -> None:
    """What does not fit pushes the oldest out, and says how much."""
    ring = SoundRing(200)
    assert [ring.append(chunk(1, n * 100)) for n in range(4)] == [0, 0, 100, 100]
    assert [start for _, start, *_ in told(ring)] == [200, 300]


def test_the_end_of_an_utterance_survives() -> None:
    """Its sound goes, the mark stays in its place: the bus has heard the beginning."""
    ring = SoundRing(200)
    ring.append(chunk(1, 0))
    ring.pop()
    ring.append(chunk(1, 100, last=True))
    for start in (0, 100):
        ring.append(chunk(2, start))
    assert told(ring) == [("1", 200, 0, 0, True), ("2", 0, 100, 0, False), ("2", 100, 100, 0, False)]


def test_an_utterance_dropped_whole_leaves_nothing() -> None:
    """What the bus never heard of need not end."""
    ring = SoundRing(200)
    ring.append(chunk(1, 0, maybe_last=1))
    ring.append(chunk(1, 100, last=True, confirms=1))
    for start in (0, 100):
        ring.append(chunk(2, start))
    assert told(ring) == [("2", 0, 100, 0, False), ("2", 100, 100, 0, False)]


def test_only_the_newest_possible_end_survives() -> None:
    """Of several waiting without their sound, the older ones are void."""
    ring = SoundRing(100)
    ring.append(chunk(1, 0))
    ring.pop()
    for revision in (1, 2, 3):
        ring.append(chunk(1, revision * 100, maybe_last=revision))
    ring.append(chunk(1, 400))
    assert [(start, maybe) for _, start, _, maybe, _ in told(ring)] == [(400, 3), (400, 0)]


def test_the_possible_end_that_is_confirmed_survives() -> None:
    """The end and the revision it confirms belong together."""
    ring = SoundRing(100)
    ring.append(chunk(1, 0))
    ring.pop()
    ring.append(chunk(1, 100, maybe_last=1))
    ring.append(chunk(1, 200, last=True, confirms=1))
    ring.append(chunk(2, 0))
    assert [(maybe, last) for *_, maybe, last in told(ring)] == [(1, False), (0, True), (0, False)]


def test_a_chunk_can_be_put_back() -> None:
    """What could not be sent is first again."""
    ring = SoundRing(1000)
    ring.append(chunk(1, 0))
    ring.append(chunk(1, 100))
    ring.put_back(ring.pop())
    assert [start for _, start, *_ in told(ring)] == [0, 100]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.booleans(), min_size=1, max_size=12), max_size=30),
    st.lists(st.booleans(), max_size=300),
)
def test_no_utterance_stays_open(utterances: list[list[bool]], sends: list[bool]) -> None:
    """Whatever is dropped: what the bus hears begin it hears end, in order, and memory stays bounded."""
    ring, bus, sending = SoundRing(500), list[AudioChunk](), iter(sends)
    for number, chunks in enumerate(utterances):
        for index, may_end in enumerate(chunks):
            end = index == len(chunks) - 1
            ring.append(chunk(number, index * 100, last=end, maybe_last=index * may_end * (not end)))
            assert len(ring) <= 5 + 4
            if next(sending, False):
                bus.append(ring.pop())
    while ring:
        bus.append(ring.pop())
    heard = list(dict.fromkeys(each.utterance_id for each in bus))
    assert [each.utterance_id for each in bus if each.last] == heard
    assert heard == sorted(heard, key=int)


def test_clearing_leaves_the_end_of_what_the_bus_has_heard_of() -> None:
    """One mark, without sound and confirming nothing, however much comes; the rest is gone."""
    ring = SoundRing(1000)
    ring.append(chunk(1, 0))
    ring.pop()
    ring.append(chunk(1, 100))
    ring.append(chunk(1, 200, 0, maybe_last=1))
    assert ring.clear() == 100
    assert len(ring) == 0
    ring.append(chunk(1, 200, last=True, confirms=1))
    assert ring.clear() == 100
    for utterance in range(2, 50):
        ring.append(chunk(utterance, 0))
        ring.append(chunk(utterance, 100, 0, maybe_last=1))
        ring.append(chunk(utterance, 100, 0, last=True, confirms=1))
        assert ring.clear() == 100
    end = ring.pop()
    assert (end.utterance_id, end.start_ms, end.payload, end.last, end.confirms) == ("1", 300, b"", True, 0)
    assert len(ring) == 0


def test_what_began_before_the_ring_was_cleared_is_remembered() -> None:
    """The end of an utterance whose beginning went in one clearing goes in the next."""
    ring = SoundRing(1000)
    ring.append(chunk(1, 0))
    ring.clear()
    ring.append(chunk(1, 100))
    ring.clear()
    ring.append(chunk(1, 200, 0, last=True))
    ring.clear()
    assert len(ring) == 0
