"""What readers may ask for."""

import json

import pytest

from signaling.captions.caption import Reader
from signaling.captions.wish import BadWishError, NotTheirsError, wish_of
from signaling.identity.grant import Grant, Identity
from tests.fakes.said import transcript
from tests.signaling.captions.test_realtime import caption_of

GRANT = Grant(identity=Identity("bea", "demo"))


def test_nothing_asked_for_is_everything() -> None:
    """All languages, interim text, translations, and our own messages."""
    wish = wish_of({"token": "x"})
    assert wish.reader == Reader(None, None)
    assert (wish.form, wish.after) == ("caption", None)


def test_everything_can_be_asked_for() -> None:
    """Each by its own word; languages are normalised."""
    query = {"language": "ES-mx", "interim": "0", "translate": "false", "format": "realtime", "after": "a-1"}
    wish = wish_of(query)
    assert wish.reader == Reader(None, "es-MX", translated=False, interim=False)
    assert (wish.form, wish.after) == ("realtime", "a-1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("language", "klingonese"), ("language", ""), ("interim", "perhaps"), ("translate", ""), ("format", "xml")],
)
def test_nonsense_is_refused_with_words(name: str, value: str) -> None:
    """Whoever wrote the query is told what is wrong with it."""
    with pytest.raises(BadWishError) as refused:
        wish_of({name: value})
    assert len(str(refused.value)) > 10


def test_rights_bound_wishes() -> None:
    """Who may not read gets nothing; who may read some languages gets no other."""
    assert wish_of({}).within(GRANT).reader.languages is None
    french = Grant(identity=GRANT.identity, languages=frozenset({"fr"}))
    assert wish_of({}).within(french).reader.languages == frozenset({"fr"})
    assert wish_of({"language": "fr-CA"}).within(french).reader.language == "fr-CA"
    with pytest.raises(NotTheirsError):
        wish_of({"language": "es"}).within(french)
    with pytest.raises(NotTheirsError):
        wish_of({}).within(Grant(identity=GRANT.identity, subscribe=False))


def test_a_wish_knows_its_form() -> None:
    """Captions as we write them, or as others do."""
    caption = caption_of(transcript("hello"))
    assert json.loads(wish_of({}).write(caption))["type"] == "caption"
    assert json.loads(wish_of({"format": "realtime"}).write(caption))["type"] == "realtime"
