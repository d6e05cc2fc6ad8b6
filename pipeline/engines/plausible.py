"""Whether what a language model answered can be a translation of what it was asked for. No I/O.

A model may obey the text instead of translating it, answer it, refuse it, explain itself, or loop. Each check looks for
one of these, and rather lets a bad translation pass than a good one fail: what fails is translated by another engine.
"""

import re
from collections import Counter
from typing import Literal

from pipeline.engines.scripts import is_letter, letters_of, script_weight, scripts_of
from pipeline.messages.language import hears, spoken

Fault = Literal[
    "",
    "empty",
    "lines",
    "delimiter",
    "link",
    "length",
    "script",
    "language",
    "untranslated",
    "about itself",
    "answered",
]
"""What is wrong with an answer; empty: nothing."""

# A translation may weigh so many times what its source weighs, and so much more; and must weigh so little at least.
MOST, MOST_MORE = 3.0, 24.0
LEAST, LEAST_LESS = 0.2, 6.0
SCRIPT_SHARE = 0.5
"""Of the letters that are not taken over from the source, at least so many are of the target's script."""
FEW_LETTERS = 4
"""So few letters tell nothing about script."""
FOREIGN_WORDS = 3
"""So many words of the wrong language, and none of the right one, are the wrong language."""
REPEATS = 6
"""One word so many times in a row is a loop, if the source does not do that."""

_LINK = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|io|ru|cn|de|fr|es|it|uk|jp|br|in|app|dev|xyz|top|ly|me)\b(?:/\S*)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MARKS = re.compile(r"</?(?:clause|text|before|glossary|think)\b|```|\[/?INST\]|<\|[a-z_]+\|>", re.IGNORECASE)
# Words with which a model speaks about its task, in the languages of the table of codes' test; whoever speaks about
# translating has them in the source as well.
_ABOUT_TRANSLATING = re.compile(
    r"translat|tradu[czitjs]|traduic|übersetz|перев[еоё]|перекла|翻[译譯訳]|번역|ترجم|अनुवाद|แปล|\bdịch\b|vertal|översätt|"
    r"přelož|překlad|tłumacz|przetłumacz|çevir",
    re.IGNORECASE,
)
_ABOUT_MODELS = re.compile(
    r"\bas an ai\b|language model|\bchatgpt\b|\bopenai\b|modelo de (?:lenguaje|linguagem)|modèle de langage|"
    r"sprachmodell|modello linguistico|taalmodel|språkmodell|jazykový model|model językowy|языков\w+ модел|"
    r"语言模型|語言模型|言語モデル|언어 모델|نموذج لغ|भाषा मॉडल|system prompt|i can(?:no|')t (?:assist|help) with",
    re.IGNORECASE,
)
_FUNCTION_WORDS = {
    "en": "the and is are was were you they this that with have what would there of your",
    "es": "el los las es son estamos una usted ustedes esto esta con tienen qué pero muy hay y del",
    "fr": "le les est sont nous vous une ce cette avec ont mais très il y du et au",
    "de": "der das ist sind wir sie eine nicht mit haben aber sehr und ich auf dem den",
    "it": "il gli è sono siamo voi una questo questa con hanno che ma molto della di e",
    "pt": "os é são estamos você vocês uma isto esta com têm mas muito não do da e",
    "nl": "het een is zijn wij jullie niet met hebben maar heel en ik op van dat",
    "sv": "och är det en ett inte vi ni med har men mycket jag på som att",
    "cs": "je jsou jsme vy ne se ale velmi a já na že který to s ve",
    "pl": "jest są jesteśmy nie się ale bardzo i ja na że który to z w",
}
"""Words that hardly a sentence does without, of languages in Latin script."""
_WORDS_OF = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_NO_QUESTION_MARK = frozenset({"th", "lo", "km", "my", "ja", "hy", "el"})
"""Languages that can ask, or mostly do, without a question mark."""
_QUESTION = re.compile(r"[?？؟⁇՞;]")  # the question marks of several scripts


def fault_of(text: str, answer: str, source: str, target: str) -> Fault:
    """Say what is wrong with an answer to the request to translate `text`. Both languages are normalised tags."""
    if not any(map(is_letter, answer)) and any(map(is_letter, text)):
        return "empty"
    if "\n" in answer.strip() and "\n" not in text.strip():
        return "lines"
    if len(_MARKS.findall(answer)) > len(_MARKS.findall(text)):
        return "delimiter"
    if new_links(text, answer):
        return "link"
    if not length_fits(text, answer) or loops(answer) > max(REPEATS, loops(text)):
        return "length"
    return _language_fault(text, answer, source, target) or _role_fault(text, answer, target)


def _language_fault(text: str, answer: str, source: str, target: str) -> Fault:
    if not script_fits(text, answer, target):
        return "script"
    words = _words(answer)
    if len(words) > FOREIGN_WORDS and words == _words(text) and not hears(source, target):
        return "untranslated"
    if any(is_foreign(words, other, target) for other in (source, "en") if not hears(other, target)):
        return "language"
    return ""


def _role_fault(text: str, answer: str, target: str) -> Fault:
    for about in (_ABOUT_TRANSLATING, _ABOUT_MODELS):
        if about.search(answer) and not (_ABOUT_TRANSLATING.search(text) or _ABOUT_MODELS.search(text)):
            return "about itself"
    asks = text.rstrip().endswith(("?", "？", "؟"))
    if asks and spoken(target) not in _NO_QUESTION_MARK and not _QUESTION.search(answer):
        return "answered"
    return ""


def new_links(text: str, answer: str) -> bool:
    """Whether the answer has a link or an address that the text has not."""
    had = Counter(found.casefold().rstrip(".,;:!?") for found in _LINK.findall(text))
    has = Counter(found.casefold().rstrip(".,;:!?") for found in _LINK.findall(answer))
    return bool(has - had)


def length_fits(text: str, answer: str) -> bool:
    """Whether one can be a translation of the other by its length, where a character of Chinese weighs as three."""
    was, is_ = (sum(map(script_weight, each)) for each in (text, answer))
    return LEAST * was - LEAST_LESS <= is_ <= MOST * was + MOST_MORE


def loops(text: str) -> int:
    """Count how many times in a row the same word comes, at most."""
    most = run = 0
    before = ""
    for word in _words(text):
        run = run + 1 if word == before else 1
        most, before = max(most, run), word
    return most


def script_fits(text: str, answer: str, target: str) -> bool:
    """Whether the answer is written as the target language is; names that are taken over from the text do not count."""
    wanted = scripts_of(target)
    taken = set(_words(text))
    letters = Counter(
        script for word in _WORD.findall(answer) if word.casefold() not in taken for script in letters_of(word)
    )
    if not wanted or letters.total() < FEW_LETTERS:
        return True
    return sum(letters[script] for script in wanted) >= SCRIPT_SHARE * letters.total()


def is_foreign(words: list[str], other: str, target: str) -> bool:
    """Whether words are clearly of one language and not at all of the other, as far as we know both."""
    theirs, ours = _WORDS_OF.get(spoken(other)), _WORDS_OF.get(spoken(target))
    if theirs is None or ours is None:
        return False
    return sum(word in theirs - ours for word in words) >= FOREIGN_WORDS and not any(word in ours for word in words)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
