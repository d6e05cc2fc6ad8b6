"""Which captions a reader asks for, and in which form: the query of the captions socket and of the stream."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, get_args

from pipeline.messages.language import UnknownLanguageError, normalise
from signaling.captions.caption import Caption, Reader
from signaling.captions.realtime import realtime
from signaling.identity.grant import Grant
from signaling.protocol import serialize

Form = Literal["caption", "realtime"]
"""Our own messages, or those of `realtime`."""

_YES, _NO = frozenset({"1", "true"}), frozenset({"0", "false"})


class BadWishError(ValueError):
    """A query that cannot be understood; the message says what is wrong, for whoever wrote it."""


class NotTheirsError(Exception):
    """What is asked for is not within the rights of the token."""


class Wish(NamedTuple):
    """What a reader wants."""

    reader: Reader
    form: Form = "caption"
    # The cursor of the last caption that they had; None: they come for the first time.
    after: str | None = None

    @property
    def write(self) -> Callable[[Caption], bytes]:
        """Give what turns a caption into the JSON that they want."""
        return realtime if self.form == "realtime" else serialize

    def within(self, grant: Grant) -> "Wish":
        """Give what of it a grant allows.

        Raises:
            NotTheirsError: it does not allow to read at all, or not in that language.
        """
        language = self.reader.language
        if not grant.subscribe:
            raise NotTheirsError("this token does not let you read")
        if language is not None and not grant.allows(language):
            raise NotTheirsError("this token does not let you read that language")
        return self._replace(reader=self.reader._replace(languages=grant.languages))


def wish_of(query: Mapping[str, str]) -> Wish:
    """Read a request's query: `language`, `interim`, `translate`, `format` and `after`; all may be left out.

    Raises:
        BadWishError: a value that means nothing.
    """
    try:
        language = normalise(query["language"]) if "language" in query else None
    except UnknownLanguageError as error:
        raise BadWishError(str(error)) from None
    form = query.get("format", "caption")
    if form not in get_args(Form):
        raise BadWishError(f"format is one of {', '.join(get_args(Form))}")
    reader = Reader(None, language, translated=_flag(query, "translate"), interim=_flag(query, "interim"))
    return Wish(reader, "realtime" if form == "realtime" else "caption", query.get("after"))


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "1").lower()
    if value not in _YES | _NO:
        raise BadWishError(f"{name} is 0 or 1")
    return value in _YES
