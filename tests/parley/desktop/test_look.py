"""Where the overlay is, and how much of it is seen."""

from dataclasses import replace

import pytest

from parley.desktop.look import SIZES, Box, Look, keep_last, place

SCREEN = Box(100, 50, 1_000, 500)


def test_it_is_in_the_middle_near_its_edge() -> None:
    """On the screen that it belongs to, wherever that begins."""
    assert place(Look(width=0.8), SCREEN, 100) == Box(200, 430, 800, 100)
    assert place(Look(width=0.8, edge="top"), SCREEN, 100) == Box(200, 70, 800, 100)


@pytest.mark.parametrize("height", [490, 500, 9_000])
@pytest.mark.parametrize("edge", ["top", "bottom"])
def test_it_stays_on_its_screen(height: int, edge: str) -> None:
    """However much there is to be shown."""
    box = place(replace(Look(), edge=edge), SCREEN, height)  # type: ignore[arg-type]
    assert SCREEN.y <= box.y
    assert box.y + box.height <= SCREEN.y + SCREEN.height


def test_letters_have_a_least_and_a_most_size() -> None:
    """Larger and smaller end there."""
    look = Look()
    assert look.bigger().size > look.size > look.smaller().size
    for _ in range(40):
        look = look.bigger()
    assert look.size == SIZES[1]
    for _ in range(40):
        look = look.smaller()
    assert look.size == SIZES[0]


@pytest.mark.parametrize(
    ("rows", "most", "shown"),
    [([1, 1], 4, [1, 1]), ([3, 3], 4, [1, 3]), ([2, 2, 2], 4, [0, 2, 2]), ([9], 4, [4]), ([], 4, [])],
)
def test_the_newest_rows_are_kept(rows: list[int], most: int, shown: list[int]) -> None:
    """What is older gives way."""
    assert keep_last(rows, most) == shown
