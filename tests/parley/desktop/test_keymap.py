"""Which keys give a text."""

import pytest

from parley.desktop.keymap import (
    Keymap,
    NoSpareKeyError,
    Press,
    Step,
    holds_modifiers,
    is_locked,
    is_plain,
    keysym,
    runs,
)

A, B, EMPTY = (ord("a"), ord("A")), (ord("b"), ord("B"), 0x6C2, 0x6E2), (0, 0)


def keymap(spares: int = 2) -> Keymap:
    """Give a keyboard with two letters, on keys 10 and 11, and spare keys from 12 on."""
    return Keymap(10, [A, B, *[EMPTY] * spares])


def test_characters_have_keysyms() -> None:
    """Those of Latin-1 their own, all others their code point."""
    assert [keysym(each) for each in "añ漢😀"] == [0x61, 0xF1, 0x0100_6F22, 0x0101_F600]


def test_the_layouts_own_keys_are_used() -> None:
    """With Shift where it needs that."""
    [step] = keymap().steps("abA", plain=True)
    assert step == Step({}, (Press(10), Press(11), Press(10, shift=True)))


def test_with_another_layout_chosen_spare_keys_do_it() -> None:
    """They give the same whatever is chosen."""
    [step] = keymap().steps("ab", plain=False)
    assert step == Step({12: ord("a"), 13: ord("b")}, (Press(12), Press(13)))


def test_what_the_layout_does_not_have_gets_a_spare_key() -> None:
    """Once, however often it is typed."""
    keys = keymap()
    assert keys.steps("ña", plain=True) == [Step({12: 0xF1}, (Press(12), Press(10)))]
    assert keys.steps("ñ", plain=True) == [Step({}, (Press(12),))]


def test_with_too_few_spare_keys_there_are_several_steps() -> None:
    """A key is given another character only after it was pressed, and the one used longest ago goes first."""
    keys = keymap(2)
    first, second = keys.steps("éèê", plain=True)
    assert first == Step({12: ord("é"), 13: ord("è")}, (Press(12), Press(13)))
    assert second == Step({12: ord("ê")}, (Press(12),))
    [third] = keys.steps("éê", plain=True)
    assert third == Step({13: ord("é")}, (Press(13), Press(12)))


def test_any_text_comes_out_as_it_was() -> None:
    """Played on the keys, step by step."""
    keys = keymap(3)
    held: dict[int, int] = {}
    typed = []
    text = "abAB ñ漢字 😀éèêëabñ漢"
    for step in keys.steps(text, plain=True):
        held |= step.spares
        own = {Press(10): "a", Press(11): "b", Press(10, shift=True): "A", Press(11, shift=True): "B"}
        typed += [own.get(press) or chr(held[press.keycode] & 0xFFFFFF) for press in step.presses]
    assert "".join(typed) == text


def test_keys_that_follow_each_other_change_together() -> None:
    """And it is known which are lent."""
    assert runs({14: 4, 12: 2, 13: 3, 20: 9}) == [(12, [2, 3, 4]), (20, [9])]
    keys = keymap(2)
    assert keys.lent == []
    keys.steps("ñ", plain=True)
    assert keys.lent == [12]


def test_a_layout_without_a_spare_key_is_told() -> None:
    """Only where one is needed."""
    keys = keymap(0)
    assert keys.spares == []
    assert len(keys.steps("ab", plain=True)) == 1
    with pytest.raises(NoSpareKeyError):
        keys.steps("ñ", plain=True)


@pytest.mark.parametrize(
    ("state", "plain", "locked", "held"),
    [
        (0, True, False, False),
        (1, True, False, True),
        (2, True, True, False),
        (4, True, False, True),
        (0x08, True, False, True),
        (0x10, True, False, False),
        (0x40, True, False, True),
        (0x2000, False, False, False),
    ],
)
def test_modifiers_count(state: int, plain: bool, locked: bool, held: bool) -> None:
    """Shift, Control, Alt and Super are waited for, Caps Lock is told apart, Num Lock does nothing."""
    assert is_plain(state) is plain
    assert is_locked(state) is locked
    assert holds_modifiers(state) is held
