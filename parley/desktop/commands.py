"""What can be said to the overlay and the dictation while they run, a line each. Pure."""

from typing import NamedTuple

HELP = {
    "speak TAG": "what is spoken from now on: es, de-AT, or auto",
    "read TAG": "the language of the captions or of what is typed; `read spoken`: as it is said",
    "pause": "listen no more, until `resume`",
    "resume": "listen again",
    "dual": "show the original as well, or not",
    "top": "move the window up",
    "bottom": "move it down",
    "move": "move it with the mouse; `move` again: leave it there",
    "bigger": "larger letters",
    "smaller": "smaller letters",
    "clear": "take away what is shown",
    "hide": "hide the window",
    "show": "show it again",
    "quit": "end",
}
"""All of them, as they are explained."""

_WITH_TAG = frozenset({"speak", "read"})
_ALONE = frozenset(line for line in HELP if " " not in line) | {"help"}
_SHORT = {"q": "quit", "exit": "quit", "?": "help", "h": "help"}
_LONGEST_TAG = 64
SPOKEN = "spoken"
"""After `read`: as it is said."""


class Command(NamedTuple):
    """One of them."""

    verb: str
    # A language tag, of those that need one; else empty.
    tag: str = ""


def parse(line: str) -> Command:
    """Read a line.

    Raises:
        ValueError: it is none; says which there are.
    """
    words = line.split()
    verb = _SHORT.get(words[0].lower(), words[0].lower()) if words else "help"
    if verb in _ALONE and len(words) <= 1:
        return Command(verb)
    if verb in _WITH_TAG:
        if len(words) != 2 or len(words[1]) > _LONGEST_TAG:
            raise ValueError(f"write `{verb}` and a language, as in `{verb} es`")
        return Command(verb, words[1])
    raise ValueError(f"there is no {line.strip()[:40]!r}; `help` shows what there is")


def help_text() -> str:
    """Explain all of them."""
    return "\n".join(f"  {line:<10} {words}" for line, words in HELP.items())
