"""Real text in a real field of another program."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from Xlib import XK, display

from parley.desktop.keyboard import KeyboardError
from parley.desktop.x11_keyboard import X11Keyboard
from tests.support.desktop import Desktop, TextWindow, eventually, text_window

TEXTS = (
    "Hello World! “Quoted” (50%) – año nuevo, ¿qué tal, ñandú?",
    " 漢字かな 한국어 😀👩\u200d👧 ☂\ufe0f",
    " Ünïcödé αβγ здравствуйте שלום مرحبا",
)


@pytest.fixture(scope="module")
def window(screen: Desktop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TextWindow]:
    """Give one window for all: keys that change keep a window manager busy, for seconds where others work as well."""
    with text_window(screen, tmp_path_factory.mktemp("window") / "field") as opened:
        yield opened


@pytest.fixture
def field(window: TextWindow) -> TextWindow:
    window.begin()
    return window


@pytest.fixture
def keyboard(screen: Desktop) -> Iterator[X11Keyboard]:
    made = X11Keyboard(screen.name)
    yield made
    made.close()


def test_any_text_comes_to_the_field_as_it_is(keyboard: X11Keyboard, field: TextWindow, screen: Desktop) -> None:
    """Letters that the layout has, and all that it does not have."""
    for text in TEXTS:
        keyboard.type(text)
    eventually(lambda: len(field.text) >= len("".join(TEXTS)))
    screen.keep("typed.png")
    assert field.text == "".join(TEXTS)


def test_caps_lock_changes_nothing(keyboard: X11Keyboard, field: TextWindow, screen: Desktop) -> None:
    """What was said is typed, not what the keys would give."""
    with closing(display.Display(screen.name)) as own:
        lock = own.keysym_to_keycode(XK.XK_Caps_Lock)
    for held in (True, False):
        screen.hold(keycode=lock, held=held)
    try:
        keyboard.type("Camel Case")
        eventually(lambda: len(field.text) >= 10)
    finally:
        for held in (True, False):
            screen.hold(keycode=lock, held=held)
    assert field.text == "Camel Case"


def test_it_waits_while_somebody_holds_control(keyboard: X11Keyboard, field: TextWindow, screen: Desktop) -> None:
    """Letters would be commands then."""
    with closing(display.Display(screen.name)) as own:
        control = own.keysym_to_keycode(XK.XK_Control_L)
    screen.hold(keycode=control, held=True)
    typing = threading.Thread(target=keyboard.type, args=("quit",))
    typing.start()
    typing.join(0.3)
    assert typing.is_alive()
    assert field.text == ""
    screen.hold(keycode=control, held=False)
    typing.join(5)
    eventually(lambda: field.text == "quit")


def test_the_layout_is_as_it_was_when_it_is_closed(screen: Desktop) -> None:
    """No key keeps what it was lent."""
    made = X11Keyboard(screen.name)
    spares = made._keymap.spares
    made.type("漢字")
    made.close()
    made.close()
    with closing(display.Display(screen.name)) as own:
        assert spares
        assert all(not own.keycode_to_keysym(keycode, 0) for keycode in spares)
        with pytest.raises(KeyboardError, match="gone"):
            made.type("x")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_without_a_display_it_says_so() -> None:
    """Nothing is typed anywhere."""
    with pytest.raises(KeyboardError, match="no X display"):
        X11Keyboard(":4242")
