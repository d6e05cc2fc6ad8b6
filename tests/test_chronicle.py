"""The judge of what was published sees what is wrong."""

import re
from collections.abc import Callable
from itertools import count

import pytest

from pipeline.bus.bus import Record
from pipeline.messages import Message
from tests.fakes.letters import letter
from tests.fakes.said import transcript, translation
from tests.fakes.speech import record as speech
from tests.fakes.speech import utterance
from tests.support.chronicle import Chronicle, Outcomes, Said

SAID = {"u1": Said("demo/anna", 0, ("es",), "good day"), "u2": Said("demo/anna", 1, ("es",))}


def judged(*messages: Message) -> Outcomes:
    offsets = count()
    records = [Record(one.TOPIC, one.key, one, {}, 0, next(offsets)) for one in messages]
    return Chronicle(records, SAID).outcomes()


def first() -> list[Message]:
    """Two clauses and their translations, one of each twice."""
    return [
        transcript("good"),
        transcript("good"),
        translation("buen", "good"),
        transcript("day", clause=1, last=True),
        translation("día", "day", clause=1, last=True),
        translation("día", "day", clause=1, last=True),
    ]


def second() -> list[Message]:
    return [transcript("bye", utterance="u2", last=True), translation("adiós", "bye", utterance="u2", last=True)]


def test_all_is_well() -> None:
    """What comes twice as it was is none of its business: whoever reads drops it."""
    assert judged(*first(), *second()) == Outcomes(4, 0, 0, [])


def test_a_late_one_is_counted() -> None:
    """Its tombstone says why it is not there."""
    late = translation("", "bye", utterance="u2", last=True, skipped=True, reason="late")
    assert judged(*first(), second()[0], late) == Outcomes(3, 0, 1, [])


def test_a_dead_letter_is_counted() -> None:
    """With its tombstone."""
    tombstone = translation("", "bye", utterance="u2", last=True, skipped=True, reason="EngineError")
    assert judged(*first(), second()[0], tombstone, letter(utterance_id="u2")) == Outcomes(3, 1, 0, [])


def test_a_real_text_outranks_its_tombstone() -> None:
    """It was replayed."""
    tombstone = translation("", "bye", utterance="u2", last=True, skipped=True, reason="EngineError")
    assert judged(*first(), second()[0], tombstone, second()[1]) == Outcomes(4, 0, 0, [])


Spoil = Callable[[list[Message]], list[Message]]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda all_: all_[:-1], r"u2 es has 0 clauses and ends with \[\]"),
        (lambda all_: [*all_, transcript("good night")], "u1/0 en came with other words"),
        (lambda all_: [one for one in all_ if one not in all_[:2]], r"u1 en has the clauses \[1\]"),
        (lambda all_: all_[6:] + all_[:6], "u1 en came after a later one"),
        (lambda all_: [all_[3], *all_[:3], *all_[4:]], r"u1 en came with its clauses in the order \[1, 0\]"),
        (lambda all_: [translation("buen", "god"), *all_], "u1/0 es translates other words"),
        (lambda all_: [transcript("god"), *all_[2:]], "u1 was 'good day' and is 'god day'"),
        (lambda all_: [*all_, transcript("who", utterance="u3", last=True)], "u3 was never said"),
        (
            lambda all_: [*all_[:-1], translation("", "bye", utterance="u2", skipped=True, reason="EngineError")],
            "u2 es was skipped for 'EngineError' without a dead letter",
        ),
        (lambda all_: [*all_, speech(utterance(), index=1)], "has a hole in its voice: packets 0 to 2"),
    ],
)
def test_what_is_wrong_is_told(spoil: Spoil, complaint: str) -> None:
    """Each kind of fault in words."""
    outcomes = judged(*spoil([*first(), *second()]))
    assert outcomes.violations
    assert any(re.search(complaint, violation) for violation in outcomes.violations), outcomes.violations
