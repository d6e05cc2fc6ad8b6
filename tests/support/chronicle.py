"""What was published, and whether it is what was said: nothing lost, nothing twice, nothing out of order. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from pipeline.bus.bus import Record
from pipeline.messages import DeadLetter, Speech, Transcript, Translation

Text = TypeVar("Text", Transcript, Translation)


class Said(NamedTuple):
    """An utterance as it was put in."""

    # room/user.
    key: str
    # Its place among the speaker's utterances.
    number: int
    targets: tuple[str, ...]
    # Its words; None if nobody knows what a recogniser will make of it.
    text: str | None = None


class Outcomes(NamedTuple):
    """How the utterances ended, by language; and what is wrong."""

    captions: int
    dead_letters: int
    stale: int
    violations: list[str]


class Chronicle:
    """The records of all topics, in the order of their partitions."""

    def __init__(self, records: Iterable[Record], said: Mapping[str, Said]) -> None:
        self._said = said
        # Found while reading; and all that is found.
        self._contradictions: list[str] = []
        self._violations: list[str] = []
        messages = [record.message for record in records]
        self._transcripts = self._finals([one for one in messages if isinstance(one, Transcript)])
        self._translations = self._finals([one for one in messages if isinstance(one, Translation)])
        self._speech = [one for one in messages if isinstance(one, Speech)]
        self._letters = {one.utterance_id for one in messages if isinstance(one, DeadLetter)}

    def outcomes(self) -> Outcomes:
        """Judge every utterance in every language that it is to be had in, the spoken one included."""
        captions = stale = letters = 0
        self._violations = list(self._contradictions)
        for utterance_id, said in self._said.items():
            spoken = self._end_of(utterance_id, self._transcripts, "en", said)
            ends = [spoken]
            for language in said.targets:
                ends.append(self._end_of(utterance_id, self._translations, language, said))
                if spoken == ends[-1] == "caption":
                    self._compare(utterance_id, language)
            captions += ends.count("caption")
            stale += ends.count("stale")
            letters += ends.count("letter")
        self._check_order(self._transcripts)
        self._check_order(self._translations)
        self._check_speech()
        return Outcomes(captions, letters, stale, list(self._violations))

    def _finals(self, texts: list[Text]) -> dict[tuple[str, str], dict[int, Text]]:
        """By utterance and language: the clauses in the order in which they came; what a reader would keep of them."""
        kept: dict[tuple[str, str], dict[int, Text]] = defaultdict(dict)
        for text in texts:
            if not text.is_final:
                continue
            clauses = kept[text.utterance_id, text.language]
            known = clauses.get(text.clause)
            if known is None or (known.skipped and not text.skipped):
                clauses[text.clause] = text
            elif not text.skipped and (known.payload, known.last) != (text.payload, text.last):
                self._contradictions.append(f"{text.utterance_id}/{text.clause} {text.language} came with other words")
        return kept

    def _end_of(
        self,
        utterance_id: str,
        texts: Mapping[tuple[str, str], Mapping[int, Transcript | Translation]],
        language: str,
        said: Said,
    ) -> str:
        """Name how it ended: caption, stale or letter; what is neither is wrong."""
        clauses = texts.get((utterance_id, language), {})
        skipped = [text for text in clauses.values() if text.skipped]
        if skipped:
            if all(text.reason == "late" for text in skipped):
                return "stale"
            if utterance_id in self._letters:
                return "letter"
            return self._wrong(f"{utterance_id} {language} was skipped for {skipped[0].reason!r} without a dead letter")
        if sorted(clauses) != list(range(len(clauses))):
            return self._wrong(f"{utterance_id} {language} has the clauses {sorted(clauses)}")
        ends = [clause for clause, text in clauses.items() if text.last]
        if ends != [len(clauses) - 1]:
            return self._wrong(f"{utterance_id} {language} has {len(clauses)} clauses and ends with {ends}")
        if said.text is not None and language == "en":
            text = " ".join(clauses[clause].payload for clause in sorted(clauses)).strip()
            if text != said.text:
                return self._wrong(f"{utterance_id} was {said.text!r} and is {text!r}")
        return "caption"

    def _compare(self, utterance_id: str, language: str) -> None:
        """Check that every clause of the original is there in the other language, and is of its words."""
        original = self._transcripts[utterance_id, "en"]
        translated = self._translations[utterance_id, language]
        if original.keys() != translated.keys():
            self._wrong(f"{utterance_id} has {len(original)} clauses, and {len(translated)} in {language}")
        for clause in original.keys() & translated.keys():
            if translated[clause].source_text != original[clause].payload:
                self._wrong(f"{utterance_id}/{clause} {language} translates other words")

    def _check_order(self, texts: Mapping[tuple[str, str], Mapping[int, Transcript | Translation]]) -> None:
        """Check that utterances come in the order in which their speaker said them, and so do the clauses of each."""
        newest: dict[tuple[str, str], int] = {}
        for (utterance_id, language), clauses in texts.items():
            said = self._said.get(utterance_id)
            if said is None:
                self._wrong(f"{utterance_id} was never said")
                continue
            if said.number < newest.get((said.key, language), -1):
                self._wrong(f"{utterance_id} {language} came after a later one of {said.key}")
            newest[said.key, language] = said.number
            if list(clauses) != sorted(clauses):
                self._wrong(f"{utterance_id} {language} came with its clauses in the order {list(clauses)}")

    def _check_speech(self) -> None:
        """Check that no voice has a hole: a clause spoken again may be packed otherwise, but its packets stay."""
        spans: dict[tuple[str, int, int, str], set[tuple[int, int]]] = defaultdict(set)
        for speech in self._speech:
            if not speech.skipped:
                clause = (speech.utterance_id, speech.clause, speech.revision, speech.language)
                spans[clause].add((speech.packets_before, speech.packets_before + len(speech.packets)))
        for clause, heard in spans.items():
            reached = 0
            for begin, end in sorted(heard):
                if begin > reached:
                    self._wrong(f"{clause} has a hole in its voice: packets {reached} to {begin}")
                reached = max(reached, end)

    def _wrong(self, what: str) -> str:
        self._violations.append(what)
        return "wrong"
