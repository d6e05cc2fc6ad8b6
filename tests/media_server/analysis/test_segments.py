"""Segments are values."""

import dataclasses

import pytest

from media_server.analysis.segments import Ended, MaybeEnded, Resumed, Segment, Sound, Started


@pytest.mark.parametrize(
    "segment",
    [Started(1), Sound(b"\0\0", 0), MaybeEnded(1, 40), Resumed(1), Ended(0, 40)],
    ids=lambda s: type(s).__name__,
)
def test_nobody_can_change_what_was_said(segment: Segment) -> None:
    """A segment goes to several places; none of them can change it for the others."""
    field = dataclasses.fields(segment)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(segment, field, None)
