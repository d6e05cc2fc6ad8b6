"""Types into whichever window of an X server has the keyboard, by its extension XTEST."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from Xlib import XK, X, display, error
from Xlib.ext import xtest

from parley.desktop.keyboard import KeyboardError
from parley.desktop.keymap import Keymap, NoSpareKeyError, Step, holds_modifiers, is_locked, is_plain, runs

SETTLE_S = 0.05
"""After spare keys changed, before they are pressed: programs take note of it."""
REST_S = 0.4
"""After a spare key was pressed, before it changes: a program that is busy looks it up that late, as it is then."""
_BETWEEN_S = 0.002
_HELD_S = 5.0
# For how long it is waited that somebody lets go of Shift, Control, Alt or Super.


class X11Keyboard:
    """A keyboard that nobody sees. Typing blocks: 2 ms a character, and up to 0.5 s where spare keys change."""

    def __init__(self, name: str | None = None) -> None:
        """Connect to a display; None: that of DISPLAY.

        Raises:
            KeyboardError: there is none, or none that can be typed into.
        """
        try:
            self._display = display.Display(name)
        except (error.DisplayError, OSError) as broken:
            raise KeyboardError(f"no X display can be reached: {broken}") from None
        if not self._display.has_extension("XTEST"):
            raise KeyboardError("this X display lets no program type (it has no XTEST)")
        info = self._display.display.info
        self._first, self._last = info.min_keycode, info.max_keycode
        self._keymap = self._read()
        self._is_closed = False
        # When each spare key was pressed last, in monotonic seconds.
        self._pressed: dict[int, float] = {}
        self._shift = self._display.keysym_to_keycode(XK.XK_Shift_L)
        self._lock = self._display.keysym_to_keycode(XK.XK_Caps_Lock)

    def type(self, text: str) -> None:
        """Type a text without line feeds.

        Raises:
            KeyboardError: the display is gone, or a character cannot be typed.
        """
        try:
            state = self._settled_state()
            with self._unlocked(state):
                for step in self._keymap.steps(text, plain=is_plain(state)):
                    self._do(step)
        except NoSpareKeyError:
            raise KeyboardError("your keyboard layout leaves no key empty for letters that it does not have") from None
        except (error.ConnectionClosedError, OSError) as broken:
            raise KeyboardError(f"the X display is gone: {broken}") from None

    def close(self) -> None:
        """Leave the keyboard as it was. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(error.ConnectionClosedError, OSError):
            self._rest(self._keymap.lent)
            self._map(dict.fromkeys(self._keymap.lent, 0))
            self._display.sync()
            self._display.close()

    def _read(self) -> Keymap:
        table = self._display.get_keyboard_mapping(self._first, self._last - self._first + 1)
        return Keymap(self._first, [tuple(symbols) for symbols in table])

    def _settled_state(self) -> int:
        """Give which modifiers are pressed, once none is that would make commands of letters."""
        until = time.monotonic() + _HELD_S
        while True:
            state: int = self._display.screen().root.query_pointer().mask
            if not holds_modifiers(state) or time.monotonic() > until:
                return state
            time.sleep(0.05)

    def _do(self, step: Step) -> None:
        if step.spares:
            self._rest(step.spares)
            self._map(step.spares)
            self._display.sync()
            time.sleep(SETTLE_S)
        for press in step.presses:
            with self._shifted(press.shift):
                self._tap(press.keycode)
            self._pressed[press.keycode] = time.monotonic()
            time.sleep(_BETWEEN_S)

    def _rest(self, keycodes: Iterable[int]) -> None:
        """Wait until the last of these was pressed long enough ago."""
        last = max((self._pressed.get(keycode, 0.0) for keycode in keycodes), default=0.0)
        time.sleep(max(0.0, last + REST_S - time.monotonic()))

    @contextmanager
    def _unlocked(self, state: int) -> Iterator[None]:
        """Switch Caps Lock off meanwhile, if it is on."""
        keys = [self._lock] if is_locked(state) and self._lock else []
        for keycode in keys:
            self._tap(keycode)
        yield
        for keycode in keys:
            self._tap(keycode)

    def _tap(self, keycode: int) -> None:
        self._fake(X.KeyPress, keycode)
        self._fake(X.KeyRelease, keycode)
        self._display.sync()

    def _map(self, keys: dict[int, int]) -> None:
        """Give keys these keysyms: with few requests, since all programs read the keyboard anew after each."""
        for first, symbols in runs(keys):
            # Without and with Shift the same.
            self._display.change_keyboard_mapping(first, [(symbol, symbol) for symbol in symbols])

    @contextmanager
    def _shifted(self, wanted: bool) -> Iterator[None]:
        if wanted:
            self._fake(X.KeyPress, self._shift)
        yield
        if wanted:
            self._fake(X.KeyRelease, self._shift)

    def _fake(self, event: int, keycode: int) -> None:
        xtest.fake_input(self._display, event, keycode)
