"""Which keys of an X keyboard give a text. Pure.

A layout has keys for a few hundred characters at most; all others are given a spare key for a while, one that the
layout leaves empty. Programs learn of such a change late and read the keyboard as it is then, so a spare key keeps its
character for as long as others can be had.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

_UNICODE = 0x01000000
"""Added to a code point, it makes the keysym of a character that has none of its own (X11 protocol, appendix A)."""
_GROUP_BITS = 13
_LOCK = 1 << 1
# Shift, Control, and those of the five others that Alt, Super and AltGr are; not Num Lock (the second of the five).
_HELD = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7


def keysym(character: str) -> int:
    """Give the keysym of a character."""
    point = ord(character)
    return point if 0x20 <= point <= 0x7E or 0xA0 <= point <= 0xFF else _UNICODE | point


def is_plain(state: int) -> bool:
    """Whether keys give what their first group says: no other layout is chosen."""
    return not state >> _GROUP_BITS & 3


def is_locked(state: int) -> bool:
    """Whether Caps Lock is on: programs make capitals of whatever comes then."""
    return bool(state & _LOCK)


def holds_modifiers(state: int) -> bool:
    """Whether somebody holds Shift, Control, Alt or Super, with which letters are others, or commands."""
    return bool(state & _HELD)


@dataclass(frozen=True, slots=True)
class Press:
    """One key to press and let go."""

    keycode: int
    shift: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """First these spare keys get these keysyms, then these are pressed."""

    spares: dict[int, int]
    presses: tuple[Press, ...]


def runs(keys: dict[int, int]) -> list[tuple[int, list[int]]]:
    """Put keys that follow each other together: the first keycode of each run, and its keysyms."""
    found: list[tuple[int, list[int]]] = []
    for keycode, symbol in sorted(keys.items()):
        if found and keycode == found[-1][0] + len(found[-1][1]):
            found[-1][1].append(symbol)
        else:
            found.append((keycode, [symbol]))
    return found


class NoSpareKeyError(Exception):
    """The layout leaves no key empty."""


class Keymap:
    """The keys of a layout, and what its spare ones are for now."""

    def __init__(self, first: int, table: Sequence[Sequence[int]]) -> None:
        """`table`: the keysyms of each key from keycode `first` on, as the core protocol gives them (0: none)."""
        # Of the first group.
        self._keys: dict[int, Press] = {}
        # By keycode, the one used longest ago first.
        self._spare: OrderedDict[int, int] = OrderedDict()
        for keycode, symbols in enumerate(table, first):
            if not any(symbols):
                self._spare[keycode] = 0
            for shift in (False, True):
                if len(symbols) > shift and symbols[shift]:
                    self._keys.setdefault(symbols[shift], Press(keycode, shift))

    @property
    def spares(self) -> list[int]:
        """All keys that the layout leaves empty."""
        return sorted(self._spare)

    @property
    def lent(self) -> list[int]:
        """Those of them that give a character for now."""
        return sorted(keycode for keycode, symbol in self._spare.items() if symbol)

    def steps(self, text: str, *, plain: bool) -> list[Step]:
        """Say how to type a text.

        Args:
            text: of characters that are printed; no line feeds.
            plain: whether the layout's own keys give what their first group says. If not, all is typed by spare keys,
                which give the same with every layout.

        Raises:
            NoSpareKeyError: a spare key is needed, and there is none.
        """
        steps: list[Step] = []
        spares: dict[int, int] = {}
        presses: list[Press] = []
        used: set[int] = set()
        for symbol in map(keysym, text):
            own = self._keys.get(symbol) if plain else None
            if own is not None:
                presses.append(own)
                continue
            keycode = self._holding(symbol)
            if keycode is None:
                keycode = self._oldest()
                if keycode in used:
                    steps.append(Step(spares, tuple(presses)))
                    spares, presses, used = {}, [], set()
                spares[keycode] = symbol
                self._spare[keycode] = symbol
            used.add(keycode)
            self._spare.move_to_end(keycode)
            presses.append(Press(keycode))
        steps.append(Step(spares, tuple(presses)))
        return [step for step in steps if step.presses]

    def _holding(self, symbol: int) -> int | None:
        return next((code for code, held in self._spare.items() if held == symbol), None)

    def _oldest(self) -> int:
        if not self._spare:
            raise NoSpareKeyError
        return next(iter(self._spare))
