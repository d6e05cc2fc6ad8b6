"""Sound that waits for one client."""

import asyncio

from media_server.direct.frame import SoundFrame
from signaling.audio.outbox import MOST_FRAMES, SoundOutbox


def frame(sequence: int, *, last: bool = False, ms: int = 100) -> SoundFrame:
    return SoundFrame("ann", "voice", "u1", sequence, "es", 0, last, 1, 0, b"\0\0", ms)


def waiting(outbox: SoundOutbox) -> list[int]:
    frames = []
    while (each := outbox.pop()) is not None:
        frames.append(each.sequence)
    return frames


def test_frames_leave_in_their_order() -> None:
    """And an empty outbox gives nothing."""
    outbox = SoundOutbox(2_000)
    for number in range(3):
        outbox.put(frame(number))
    assert waiting(outbox) == [0, 1, 2]
    assert outbox.pop() is None


def test_when_full_the_oldest_go() -> None:
    """What is left is the newest, still in order."""
    outbox = SoundOutbox(500)
    for number in range(20):
        outbox.put(frame(number))
    assert waiting(outbox) == [15, 16, 17, 18, 19]


def test_that_an_utterance_ended_is_told_all_the_same() -> None:
    """Without its sound, and at its place."""
    outbox = SoundOutbox(500)
    outbox.put(frame(0, last=True))
    for number in range(1, 10):
        outbox.put(frame(number))
    first = outbox.pop()
    assert first is not None
    assert (first.sequence, first.last, first.sound) == (0, True, b"")
    assert waiting(outbox) == [5, 6, 7, 8, 9]


def test_marks_without_sound_are_bounded_too() -> None:
    """However many there are."""
    outbox = SoundOutbox(500)
    for number in range(3 * MOST_FRAMES):
        outbox.put(frame(number, last=True, ms=0))
    numbers = waiting(outbox)
    assert len(numbers) <= MOST_FRAMES
    assert numbers == sorted(numbers)
    assert numbers[-1] == 3 * MOST_FRAMES - 1


async def test_waiting_ends_with_the_first_frame() -> None:
    """And not before."""
    outbox = SoundOutbox(500)
    task = asyncio.create_task(outbox.wait())
    await asyncio.sleep(0)
    assert not task.done()
    outbox.put(frame(1))
    await task
