"""Which language an utterance is in, by what the model makes of its sound. Pure."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from pipeline.messages.language import AUTO
from pipeline.recent import Recent

SPEAKERS = 1_000
"""Speakers whose language is remembered; when full, the one heard longest ago is forgotten."""


Asked = str | Callable[[Mapping[str, float]], str]
"""A language as the model names it, or who chooses one by the probabilities of all, 0 to 1."""


class Spoken(Protocol):
    """The language of one utterance."""

    @property
    def tag(self) -> str:
        """What it is for everybody else."""
        ...

    @property
    def probability(self) -> float | None:
        """How sure the model is of it; None where it was not asked."""
        ...

    def asked(self, seconds: float) -> Asked:
        """Say in which language to decode so much sound."""
        ...

    def settle(self) -> None:
        """Keep it from now on: words were committed in it."""
        ...


class FixedLanguage:
    """A language that is known."""

    probability: None = None

    def __init__(self, tag: str, code: str) -> None:
        self.tag = tag
        self._code = code

    def asked(self, seconds: float) -> Asked:  # noqa: ARG002 - the protocol's
        return self._code

    def settle(self) -> None:
        pass


class LanguageChoice:
    """One utterance's language, with hysteresis: short sounds are often taken for another one.

    It begins with the one that this speaker spoke last. It becomes another one only if that is at least `switch` sure,
    twice in a row; without one to begin with, the likeliest. Once settled it stays.
    """

    def __init__(
        self,
        before: str | None,
        *,
        switch: float,
        from_s: float = 0.0,
        allowed: Collection[str] = (),
        tag_of: Callable[[str], str] = str,
    ) -> None:
        """`from_s`: less sound tells nothing where a language is known; `allowed`: all languages if empty."""
        self._code = before
        self._from_s = from_s
        self._tag_of = tag_of
        self._switch = switch
        self._allowed = frozenset(allowed)
        self._probability: float | None = None
        # What was the likeliest last time, where that was not the choice.
        self._rival = ""
        self._settled = False

    @property
    def code(self) -> str | None:
        """The language now, as the model names it; None before anything was heard."""
        return self._code

    @property
    def tag(self) -> str:
        """`auto` before anything was heard."""
        return AUTO if self._code is None else self._tag_of(self._code)

    @property
    def probability(self) -> float | None:
        return self._probability

    def asked(self, seconds: float) -> Asked:
        if self._code is not None and (self._settled or seconds < self._from_s):
            return self._code
        return self.hear

    def hear(self, probabilities: Mapping[str, float]) -> str:
        """Take what the model says of the sound so far, and give the language to decode it in."""
        known = {code: each for code, each in probabilities.items() if not self._allowed or code in self._allowed}
        best = max(known or probabilities, key=probabilities.__getitem__)
        if self._code is None or (not self._settled and self._wins(best, probabilities[best])):
            self._code, self._rival = best, ""
        elif best == self._code:
            self._rival = ""
        else:
            self._rival = best if probabilities[best] >= self._switch else ""
        self._probability = probabilities.get(self._code, 0.0)
        return self._code

    def settle(self) -> None:
        self._settled = True

    def _wins(self, best: str, probability: float) -> bool:
        return best != self._code and best == self._rival and probability >= self._switch


class SpeakersLanguages:
    """The language each speaker spoke last."""

    def __init__(self) -> None:
        self._codes: Recent[str, str] = Recent(SPEAKERS)

    def recall(self, speaker: str) -> str | None:
        """Give a speaker's language; None if it is not known, or nobody said who speaks."""
        return self._codes.get(speaker) if speaker else None

    def learn(self, speaker: str, code: str | None) -> None:
        """Note what a speaker spoke."""
        if speaker and code:
            self._codes.set(speaker, code)
