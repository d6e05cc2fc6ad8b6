"""Plain text in and out of Apertium's stream format, compared with Apertium's own programs."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.apertium.stream_format import from_stream, is_whole, plain, tidy, to_stream

ODD = ("", "a", "a b", "a\\b", "^a/b<n>$", "[x] {y} @z", "dot.[] dot", "[[", "\\]", "ñ 😀", "3.50 $ 5%", "...", "*a #b")


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_the_stream_is_what_apertium_makes_of_a_text(text: str) -> None:
    """Escapes and sentence end are those of apertium-destxt."""
    made = subprocess.run(["apertium-destxt"], input=text.encode(), capture_output=True, check=True).stdout
    assert to_stream(text).removesuffix(b"\0") == made


@pytest.mark.parametrize("stream", ["a.[]", ".[]", "a [  ]b\\^c.[]", "\\[x\\] [\\]]y.[]", ". .[]"], ids=ascii)
def test_the_text_is_what_apertium_makes_of_a_stream(stream: str) -> None:
    """Blanks, escapes and sentence ends go as apertium-retxt takes them away."""
    made = subprocess.run(["apertium-retxt"], input=stream.encode(), capture_output=True, check=True).stdout
    assert from_stream(stream.encode() + b"\0") == made.decode()


@given(st.text())
def test_a_request_is_one_request(text: str) -> None:
    """Whatever anybody says, NUL is only at the end, and it is UTF-8."""
    request = to_stream(plain(text))
    assert request.index(b"\0") == len(request) - 1
    request.decode()


@given(st.text())
def test_what_goes_in_comes_out(text: str) -> None:
    """A pipeline that changes nothing gives the text back."""
    once = plain(text)
    assert from_stream(to_stream(once)) == once.replace(".[]", "") or ".[]" in once
    assert plain(once) == once


@given(st.text())
def test_an_answer_cut_short_is_no_answer(text: str) -> None:
    """What a dying program lets through is not taken for a translation, whatever was said."""
    request = to_stream(plain(text))
    assert is_whole(request)
    assert not is_whole(request.removesuffix(b"[]\0") + b"\0")


def test_plain_text_is_one_line_of_what_can_be_said() -> None:
    """Blanks of all kinds become one space; controls, halves of characters and tildes go."""
    assert plain(" a\n\tb\u00a0c \0d\x1be~f\ud800 ") == "a b c d e f"


def test_tidying_touches_only_blanks() -> None:
    """At both ends, and doubled ones."""
    assert tidy("  Soy  aquí. ¿Y tú? ") == "Soy aquí. ¿Y tú?"
